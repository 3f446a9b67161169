import { createValuesByKey } from '@ticket-lifecycle/internal/values-by-key';
import { holdMarginMs } from '../model/slot-timing.ts';
import type { ClaimEnd, KeyTurn } from '../model/claim.ts';
import { createMemoryBudget, type MemoryBudgetOptions } from './memory-budget.ts';
import { createMemoryCircuit } from './memory-circuit.ts';
import type { Job } from './memory-records.ts';

/** What is known of each key: its slots, and whether it is paused. */
export type MemoryKeys = ReturnType<typeof createMemoryKeys>;

export function createMemoryKeys(options: MemoryBudgetOptions) {
  const never = () => false;
  const budgets = createValuesByKey((key) => createMemoryBudget(key, options), never);
  const probeMs = options.timeoutMs + holdMarginMs;
  const circuits = createValuesByKey(() => createMemoryCircuit(probeMs), never);
  let lastServed: string[] = [];

  return {
    budgets,
    circuits,
    /** Keys in turn: the one that was served longest ago goes first. */
    inTurn: (keys: Iterable<string>): string[] =>
      [...keys].sort((one, other) => lastServed.indexOf(one) - lastServed.indexOf(other)),
    served(key: string): void {
      lastServed = [...lastServed.filter((other) => other !== key), key];
    },
    /** Those of a key's changes that may be handed out, in their order: of a key that fails, a probe. */
    admitted(key: string, ready: readonly Job[]): readonly Job[] {
      const room = circuits.get(key)?.room() ?? Infinity;
      if (room === Infinity) return ready;
      // So that one bad ticket can't keep the others waiting.
      const probes = [...ready].sort((one, other) => faultOf(one) - faultOf(other));
      return probes.slice(0, room);
    },
    /** A claim was given back: what it showed of its key is lost. */
    lose({ change: { key }, takenAt }: Job): void {
      circuits.get(key)?.sayNothing(takenAt, true);
    },
    /** What the end of a claim shows about its key. Says whether the key pauses or goes on by it. */
    note(job: Job, end: ClaimEnd): KeyTurn | undefined {
      const { kind, keyFault, keyWorks, isOutage, isOwnFault, askedNothing, reason = '' } = end;
      const { key } = job.change;
      if (keyFault !== undefined) {
        job.keyFaultAt = performance.now();
        const turn = circuits.of(key).fail(keyFault, reason, job.takenAt);
        return turn && { key, ...turn };
      }
      // Neither says anything about the key.
      const metOutage = kind === 'retry' && isOutage === true && keyWorks !== true;
      const isMute = metOutage || isOwnFault === true;
      if (isMute || askedNothing === true) {
        circuits.get(key)?.sayNothing(job.takenAt, isMute);
        return undefined;
      }
      const turn = circuits.get(key)?.work(job.takenAt);
      return turn && { key, ...turn };
    },
  };
}

const faultOf = ({ keyFaultAt = -Infinity }: Job) => keyFaultAt;
