import type { Store } from '../../src/model/store.ts';

const calls = ['enter', 'claim', 'end', 'renew', 'takeSlots', 'sweep', 'leave'] as const;

/** The calls of a worker whose answers can be lost. */
export type WorkerCall = (typeof calls)[number];

/** What a network, or a failover, does to calls. */
export interface Faults {
  /**
   * Before a call: it never arrives, or the store answers as if it had happened and has forgotten
   * it, as after a failover to a copy that was behind.
   */
  before?(call: WorkerCall, args: readonly unknown[]): 'never-arrives' | 'forgotten' | undefined;
  /**
   * After a call, which has happened: its answer is lost, nobody ever hears of it, not even of its
   * loss, or it takes that many milliseconds.
   */
  after?(
    call: WorkerCall,
    answer: unknown,
    args: readonly unknown[],
  ): 'lost' | 'hangs' | number | undefined;
}

/** A store behind a network. */
export function behindNetwork<Tx>(store: Store<Tx>, faults: Faults): Store<Tx> {
  const wrapped: Record<string, unknown> = { ...store };
  for (const name of calls) {
    const call = store[name] as (...args: unknown[]) => Promise<unknown>;
    wrapped[name] = async (...args: unknown[]) => {
      const before = faults.before?.(name, args);
      if (before === 'never-arrives') throw new Error(`${name}: the connection was cut.`);
      if (before === 'forgotten') return forgotten(name, args);
      const answer = await call(...args);
      const after = faults.after?.(name, answer, args);
      if (after === 'hangs') return new Promise(() => {});
      if (after === 'lost') throw new Error(`${name}: the answer was lost.`);
      if (after !== undefined) await new Promise((resolve) => setTimeout(resolve, after));
      return answer;
    };
  }
  return wrapped as unknown as Store<Tx>;
}

/** What the store would have answered. */
function forgotten(name: WorkerCall, args: readonly unknown[]): unknown {
  if (name !== 'end') throw new Error(`${name} can't be forgotten here.`);
  const stands = new Set((args[0] as readonly { readonly id: string }[]).map(({ id }) => id));
  return { stands, busy: new Set() };
}
