import { createReplayLog, type Lifecycle, type Rework } from '@ticket-lifecycle/core';
import { several } from '@ticket-lifecycle/internal/quantities';
import { isStatus, type Paste } from './history.ts';

const isOwn = (state: string | undefined) => state !== undefined && !isStatus(state);

/**
 * Judges a paste row by row, as the command line judges a file: where rows name states that share a
 * status, the states are told apart.
 */
export function judgePaste(
  { tickets }: Pick<Paste, 'tickets'>,
  lifecycle: Lifecycle,
  complete: boolean,
) {
  const named = new Set(tickets.flatMap(({ states }) => states.filter(isOwn)));
  const states = [...named].filter((state) => state !== undefined);
  const log = createReplayLog(lifecycle, { complete, states });
  const steps = tickets.flatMap((ticket, number) =>
    ticket.statuses.flatMap((status, row) => {
      const state = ticket.states[row];
      const name = isOwn(state) ? (state ?? status) : status;
      const at = ticket.times[row] ?? Number.NaN;
      const step = Number.isNaN(at) ? log.add(number, name) : log.add(number, name, at);
      // Several words may mean the same; going from one to the other is not a change.
      if (step === undefined || step.kind === 'unchanged' || step.from === step.to) return [];
      return [{ ...step, id: ticket.id }];
    }),
  );
  return { steps, summary: log.summary() };
}

/** How often each change was made, for the map: it knows only states and statuses. */
export function countsFor(
  steps: readonly { readonly from: string; readonly to: string }[],
  lifecycle: Lifecycle,
): readonly { readonly from: string; readonly to: string; readonly count: number }[] {
  const counted = new Map<string, { from: string; to: string; count: number }>();
  for (const { from, to } of steps) {
    if (![from, to].every((name) => lifecycle.targetsOf(name).length > 0)) continue;
    const key = JSON.stringify([from, to]);
    const known = counted.get(key) ?? { from, to, count: 0 };
    counted.set(key, { ...known, count: known.count + 1 });
  }
  return [...counted.values()];
}

/** How much came back: of how many tickets, and how often. Empty where none did. */
export function reopenedText(
  { reopens, tickets: often }: Pick<Rework, 'reopens' | 'tickets'>,
  tickets: number,
): string {
  const back = often.reduce((sum, one) => sum + one.tickets, 0);
  if (back === 0) return '';
  const share = Math.round((1000 * back) / tickets) / 10;
  const times = reopens === 1 ? 'once' : `${reopens} times`;
  return `Reopened: ${back} of ${several(tickets, 'ticket')} (${share} %), ${times}.`;
}

/** Which tickets are not closed at the end: their last stays have not ended, so no time counts them. */
export function notClosedText({ tickets }: Pick<Paste, 'tickets'>): string {
  const counted = new Map<string, number>();
  for (const { statuses, states } of tickets) {
    const status = statuses.at(-1);
    if (status === undefined || status === 'closed') continue;
    const state = states.at(-1);
    const name = isOwn(state) ? (state ?? status) : status;
    counted.set(name, (counted.get(name) ?? 0) + 1);
  }
  if (counted.size === 0) return '';
  const all = [...counted.values()].reduce((sum, count) => sum + count, 0);
  const where = [...counted]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${count} ${name}`);
  return `Not closed at the end: ${several(all, 'ticket')} (${where.join(', ')}).`;
}
