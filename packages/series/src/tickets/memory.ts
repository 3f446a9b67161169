import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import type { Lifecycle } from '@ticket-lifecycle/core';
import type { Clock } from '../clock.ts';
import type { KnownState, StatusStore } from './status-store.ts';

/** Is told of a store that failed, or did not answer in time. */
export type StoreFailedListener = (error: unknown) => void;

/** What is noted of a ticket; the memory adds what follows from it. */
export type NotedState = Pick<KnownState, 'state' | 'seenAt' | 'enteredAt' | 'assumed'>;

/**
 * What a workflow remembers of tickets. Memory only saves reads: a store that fails or hangs keeps
 * no change from being made and no outcome from its caller.
 */
export interface Memory {
  /** The last known state, of any age, or `undefined`. */
  recall(ticketId: string, onFailed: StoreFailedListener): Promise<KnownState | undefined>;
  /** Without `enteredAt`, the ticket counts as having entered the state when it was seen. */
  remember(ticketId: string, noted: NotedState, onFailed: StoreFailedListener): Promise<void>;
  forget(ticketId: string, onFailed: StoreFailedListener): Promise<void>;
}

/** The state that is remembered, if it says more than the definition would alone. */
export const knownState = (known: KnownState | undefined): string | undefined =>
  known?.assumed === true ? undefined : known?.state;

/** What a memory needs. */
export interface MemoryContext {
  readonly clock: Clock;
  readonly lifecycle: Pick<Lifecycle, 'statusOf' | 'fingerprint'>;
  /** How long the store may take. */
  readonly timeoutMs: number;
}

/** Puts a bound on how long a store may take. */
export function createMemory(
  store: StatusStore,
  { clock, lifecycle, timeoutMs }: MemoryContext,
): Memory {
  const { fingerprint } = lifecycle;
  const late = () => {
    throw new Error(`The store did not answer within ${timeoutMs} ms.`);
  };
  return {
    // Many stores say null for what they don't have.
    recall: async (ticketId, onFailed) =>
      (await ask(() => store.get(ticketId), onFailed)) ?? undefined,
    remember: async (ticketId, { state, assumed, ...noted }, onFailed) => {
      const seenAt = Math.floor(noted.seenAt);
      const enteredAt = Math.min(seenAt, Math.floor(noted.enteredAt ?? seenAt));
      const status = lifecycle.statusOf(state);
      const known = { state, status, seenAt, enteredAt, fingerprint };
      await ask(() => store.set(ticketId, assumed ? { ...known, assumed } : known), onFailed);
    },
    forget: async (ticketId, onFailed) => {
      await ask(() => store.delete(ticketId), onFailed);
    },
  };

  async function ask<Answer>(
    call: () => Promise<Answer> | Answer,
    onFailed: StoreFailedListener,
  ): Promise<Answer | undefined> {
    try {
      const answer = call();
      return isPending(answer) ? await waitAtMost(timeoutMs, answer, late, clock) : answer;
    } catch (error) {
      onFailed(error);
      return undefined;
    }
  }
}

const isPending = <Answer>(answer: Promise<Answer> | Answer): answer is Promise<Answer> =>
  typeof (answer as { readonly then?: unknown } | null | undefined)?.then === 'function';
