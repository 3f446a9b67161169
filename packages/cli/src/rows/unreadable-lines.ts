import { printable, several } from '../terminal/text.ts';
import type { UnreadableLine } from '@ticket-lifecycle/internal/histories/lines';

/** The lines of a file that can't be read. */
export interface UnreadableLines {
  readonly unreadable: number;
  /** The first few. */
  readonly unreadableLines: readonly UnreadableLine[];
}

// People read these; `--json` has every line.
const mostKept = 20;

/** Counts lines that can't be read, and keeps the first few. */
export function createUnreadableLines() {
  const first: UnreadableLine[] = [];
  let unreadable = 0;
  return {
    add({ line, reason }: UnreadableLine): void {
      unreadable += 1;
      if (first.length < mostKept) first.push({ line, reason });
    },
    // They come as they are ready; people read a file from its top.
    summary: (): UnreadableLines => ({
      unreadable,
      unreadableLines: first.toSorted((a, b) => a.line - b.line),
    }),
  };
}

/** The lines as text, one under the other. */
export function unreadableText(
  { unreadable, unreadableLines }: UnreadableLines,
  indent: string,
): string[] {
  const more = unreadable - unreadableLines.length;
  return [
    ...unreadableLines.map(({ line, reason }) => `${indent}line ${line}: ${printable(reason)}`),
    ...(more > 0 ? [`${indent}… and ${several(more, 'other line')}`] : []),
  ];
}
