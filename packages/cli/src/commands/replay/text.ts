import type { PlacedStep, ReplayVerdict } from '@ticket-lifecycle/core';
import { createCounter, type Counted } from '../../bulk/counter.ts';
import type { UnreadableLine } from '../../rows/lines.ts';
import {
  createUnreadableLines,
  unreadableText,
  type UnreadableLines,
} from '../../rows/unreadable-lines.ts';
import type { HistoryStep } from './histories.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { count, percent, printable, several } from '../../terminal/text.ts';

type Kind = Exclude<ReplayVerdict['kind'], 'unchanged'>;

/** What the histories of a file show. */
export interface ReplaySummary extends UnreadableLines {
  readonly rows: number;
  readonly tickets: number;
  readonly changes: number;
  readonly kinds: Readonly<Record<Kind, number>>;
  /** Each change that occurs, such as `open → resolved`, the most frequent first. */
  readonly mostFrequent: readonly Counted[];
  /** Values that no status stands for. */
  readonly unmapped: readonly Counted[];
}

// With the wrong column every change may be another.
const mostCounted = 10_000;

/** Counts what histories show. */
export function createReplayTally() {
  const kinds: Record<Kind, number> = {
    edge: 0,
    path: 0,
    skipped: 0,
    jump: 0,
    'unknown-status': 0,
  };
  // By the verdict itself, which is the same object for equal changes.
  const counted = new Map<PlacedStep['step'], { count: number }>();
  const unmapped = createCounter();
  const unreadableLines = createUnreadableLines();
  let rows = 0;
  let tickets = 0;

  return {
    unreadable(line: UnreadableLine): void {
      rows += 1;
      unreadableLines.add(line);
    },
    row(isNew: boolean, value: string | undefined): void {
      rows += 1;
      if (isNew) tickets += 1;
      if (value !== undefined) unmapped.add(value);
    },
    step({ step }: HistoryStep): void {
      const { kind } = step;
      if (kind === 'unchanged') return;
      kinds[kind] += 1;
      const known = counted.get(step);
      if (known !== undefined) known.count += 1;
      else if (counted.size < mostCounted) counted.set(step, { count: 1 });
    },
    summary: (): ReplaySummary => ({
      rows,
      tickets,
      changes: Object.values(kinds).reduce((sum, number) => sum + number, 0),
      kinds,
      mostFrequent: mostFrequent(),
      unmapped: unmapped.mostFrequent(),
      ...unreadableLines.summary(),
    }),
  };
  function mostFrequent(): Counted[] {
    const changes = createCounter();
    for (const [step, times] of counted) {
      const events = 'events' in step ? ` (${step.events.join(', ')})` : '';
      changes.add(`${step.from} → ${step.to}`, `${step.kind}${events}`, times.count);
    }
    return changes.mostFrequent();
  }
}

const mostShown = 20;

/** Says what histories show. */
export function replayText(
  summary: ReplaySummary,
  { complete, style }: { readonly complete: boolean } & Pick<Terminal, 'style'>,
): string {
  const { rows, tickets, changes, kinds, mostFrequent, unmapped, unreadable } = summary;
  const share = (number: number) => (changes === 0 ? '' : ` (${percent(number / changes)})`);
  const figure = (number: number, what: string) =>
    `${count(number).padStart(9)}  ${what}${share(number)}`;
  return [
    style(
      'bold',
      `${several(changes, 'change')} of ${several(tickets, 'ticket')} in ${several(rows, 'row')}`,
    ),
    '',
    figure(kinds.edge, 'steps of the lifecycle'),
    complete
      ? figure(kinds.skipped, 'with steps skipped')
      : figure(kinds.path, 'legal paths of several steps'),
    figure(kinds.jump, 'jumps that nothing explains'),
    figure(kinds['unknown-status'], 'from or to an unknown status'),
    ...listed('\nMost frequent:', mostFrequent),
    ...listed('\nWithout a meaning here:', unmapped),
    ...(unreadable === 0 ? [] : [`\nNot readable: ${several(unreadable, 'line')}`]),
    ...unreadableText(summary, '  '),
  ].join('\n');

  function listed(title: string, all: readonly Counted[]): string[] {
    if (all.length === 0) return [];
    const shown = all.slice(0, mostShown).map((one) => ({ ...one, name: printable(one.name) }));
    const width = Math.min(60, Math.max(...shown.map(({ name }) => name.length)));
    const lines = shown.map(({ name, count: times, note }) =>
      `  ${name.slice(0, 60).padEnd(width)}  ${count(times).padStart(6)}  ${note ?? ''}`.trimEnd(),
    );
    const more = all.length > mostShown ? [`  … and ${count(all.length - mostShown)} others`] : [];
    return [title, ...lines, ...more];
  }
}
