import { setTimeout as sleep } from 'node:timers/promises';
import { ticketsOf } from '../../../outbox/test/support/fleet.ts';
import type { Ground } from './run.ts';
import { withFleet } from './with-fleet.ts';

/** One key with a backlog, beside many with a change now and then. */
export interface FairnessResult {
  readonly quietP50Ms: number;
  readonly quietMaxMs: number;
  readonly noisyPerSecond: number;
}

const backlog = 3000;
const quietKeys = 50;
const spanMs = 20_000;

export function measureFairness(ground: Ground): Promise<FairnessResult> {
  const noisy = ticketsOf(backlog, 'NOISY');
  const quiet = ticketsOf(quietKeys, 'QUIET');
  const keyOf = (ticketId: string) => (ticketId.startsWith('NOISY') ? 'noisy' : ticketId);
  const start = { schema: 'fairness_trial', tickets: [...noisy, ...quiet], backlog: noisy, keyOf };
  return withFleet(ground, start, async ({ sandbox, accept }) => {
    // Spread evenly, so that no two of them help or hinder each other.
    const startedAt = Date.now();
    const accepted = new Map<string, number>();
    for (const [index, ticketId] of quiet.entries()) {
      await sleep(Math.max(0, startedAt + (index * spanMs) / quietKeys - Date.now()));
      accepted.set(ticketId, Date.now());
      await accept(ticketId);
    }
    await sleep(startedAt + spanMs - Date.now() + 1000);
    const writes = await sandbox.writes();
    const waits = writes
      .filter(({ ticketId }) => accepted.has(ticketId))
      .map(({ ticketId, at }) => at - (accepted.get(ticketId) ?? 0))
      .sort((one, other) => one - other);
    const fromNoisy = writes.filter(({ ticketId }) => ticketId.startsWith('NOISY'));
    const first = fromNoisy[0]?.at ?? 0;
    const inSpan = fromNoisy.filter(({ at }) => at < first + spanMs).length;
    return {
      quietP50Ms: waits[Math.floor(waits.length / 2)] ?? Infinity,
      // One that has not come by now has waited for longer than any.
      quietMaxMs: waits.length < quietKeys ? Infinity : (waits.at(-1) ?? Infinity),
      noisyPerSecond: (inSpan * 1000) / spanMs,
    };
  });
}
