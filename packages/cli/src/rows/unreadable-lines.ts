import { ownCopy } from '@ticket-lifecycle/internal/histories/json/value-cache';
import { count, printable, several } from '../terminal/text.ts';
import type { UnreadableLine } from '@ticket-lifecycle/internal/histories/lines';

/** The lines of a file that can't be read. */
export interface UnreadableLines {
  readonly unreadable: number;
  /** The first few. */
  readonly unreadableLines: readonly UnreadableChange[];
  /** Why they can't be read, the most frequent first. */
  readonly unreadableReasons: readonly UnreadableReason[];
}

/** A line that can't be read, with its ticket where it names one. */
export interface UnreadableChange extends UnreadableLine {
  readonly ticketId?: string | undefined;
}

/** Lines that can't be read for the same reason. */
interface UnreadableReason {
  readonly reason: string;
  readonly count: number;
  /** The first few. */
  readonly lines: readonly number[];
  /** Their tickets, where they name one. */
  readonly tickets?: readonly string[] | undefined;
}

// People read these; `--json` has every line.
const mostKept = 20;
const mostLines = 5;
// A reason may hold a value of its line: they must not fill the memory.
const mostReasons = 1000;
const longestReason = 1000;

/** A reason as it is kept: never so long, nor a part of a longer text, as the value of a line may be. */
export const keptReason = (reason: string): string =>
  ownCopy(reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason);

/** Counts lines that can't be read, and keeps the first few. */
export function createUnreadableLines() {
  const first: UnreadableChange[] = [];
  const reasons = new Map<string, Gathered>();
  let unreadable = 0;
  return {
    add({ line, reason: given, ticketId: named }: UnreadableChange): void {
      unreadable += 1;
      const reason = keptReason(given);
      const ticketId = named === undefined ? undefined : ownCopy(named);
      if (first.length < mostKept) first.push({ line, reason, ticketId });
      const shown = reasons.size < mostReasons || reasons.has(reason) ? reason : 'other reasons';
      const known = reasons.get(shown) ?? {
        reason: shown,
        count: 0,
        lines: [],
        tickets: undefined,
      };
      known.count += 1;
      if (known.lines.length < mostLines) {
        known.lines.push(line);
        if (ticketId !== undefined && known.tickets?.includes(ticketId) !== true)
          known.tickets = [...(known.tickets ?? []), ticketId];
      }
      reasons.set(shown, known);
    },
    // They come as they are ready; people read a file from its top.
    summary: (): UnreadableLines => ({
      unreadable,
      unreadableLines: first.toSorted((a, b) => a.line - b.line),
      unreadableReasons: [...reasons.values()]
        .map((one) => ({ ...one, lines: one.lines.toSorted((a, b) => a - b) }))
        .sort((a, b) => b.count - a.count || (a.lines[0] ?? 0) - (b.lines[0] ?? 0)),
    }),
  };
}

interface Gathered extends UnreadableReason {
  count: number;
  readonly lines: number[];
  tickets: readonly string[] | undefined;
}

/** The reasons as text, one under the other, each once. */
export function unreadableText(
  { unreadable, unreadableLines, unreadableReasons }: Unreadable,
  indent: string,
): string[] {
  if (unreadableReasons === undefined) return linesText(unreadable, unreadableLines, indent);
  const shown = unreadableReasons.slice(0, mostKept);
  const rest = unreadableReasons.slice(mostKept);
  const more = rest.reduce((sum, { count: times }) => sum + times, 0);
  return [
    ...shown.map((reason) => `${indent}${reasonText(reason)}`),
    ...(more > 0 ? [`${indent}… and ${several(more, 'other line')}`] : []),
  ];
}

type Unreadable = Omit<UnreadableLines, 'unreadableReasons'> & Partial<UnreadableLines>;

/** Where only the first lines were kept, and not how often each reason came. */
function linesText(
  unreadable: number,
  lines: UnreadableLines['unreadableLines'],
  indent: string,
): string[] {
  const more = unreadable - lines.length;
  return [
    ...lines.map(({ line, reason }) => `${indent}line ${line}: ${printable(reason)}`),
    ...(more > 0 ? [`${indent}… and ${several(more, 'other line')}`] : []),
  ];
}

function reasonText({ reason, count: times, lines, tickets = [] }: UnreadableReason): string {
  const named = tickets.join(', ');
  if (times === 1) {
    return `line ${lines.join()}: ${printable(reason)}${named === '' ? '' : ` (${named})`}`;
  }
  const others = times > lines.length ? ', …' : '';
  const where = `lines ${lines.join(', ')}${others}`;
  return `${count(times)} × ${printable(reason)} (${where})${named === '' ? '' : `: ${named}`}`;
}
