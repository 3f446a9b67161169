import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import { DatabaseError, FencedError, OutboxError } from '../model/errors.ts';
import type { OutboxEvent } from '../model/outbox.ts';
import type { Store } from '../model/store.ts';
import { claimAnswerMs } from './permit.ts';

/** A store whose calls all have an end, and whose outages are told once. */
export interface WatchedStore<Tx> {
  readonly store: Store<Tx>;
  /** Tells an error, unless it is part of an outage of the store that was told already. */
  readonly onError: (error: unknown) => void;
}

// A call that was not answered by then is given up. Each may be repeated: what a lost claim took
// comes back as a stray, and an end that stands is not ended twice.
const mostMs = {
  enter: 10_000,
  claim: claimAnswerMs,
  end: 5000,
  takeSlots: 5000,
  renew: 5000,
  sweep: 10_000,
};

type Watched = keyof typeof mostMs;

// Slots that were not asked for in this time are not waited for any more.
const idleMs = 2 * mostMs.takeSlots;

/** Puts a bound on each call of a worker, and tells once that the store is away, and once that it is back. */
export function watchStore<Tx>(
  store: Store<Tx>,
  emit: (event: OutboxEvent) => void,
): WatchedStore<Tx> {
  // One that was given up while it still writes rows of the service would run beside the next.
  const answerMs = { ...mostMs, end: store.endMs ?? mostMs.end };
  const failing = new Set<Watched>();
  const named = new Set<string>();
  const told = new WeakSet<object>();
  let awaySince = 0;
  let slotsFailedAt = 0;

  function worked(call: Watched): void {
    const wasAway = failing.size > 0;
    failing.delete(call);
    // A claim is as good as a renewal, which is not asked for beside it.
    if (call === 'claim') failing.delete('renew');
    // Slots are asked for only while a request waits for one.
    if (performance.now() - slotsFailedAt > idleMs) failing.delete('takeSlots');
    if (!wasAway || failing.size > 0) return;
    emit({ type: 'restored', afterMs: Math.round(performance.now() - awaySince) });
  }

  function failed(call: Watched, error: unknown): void {
    if (failing.size === 0) {
      awaySince = performance.now();
      named.clear();
    }
    // One of the others of ours says more than that the store is away: it names the cause.
    const name = OutboxError.is(error) && !DatabaseError.is(error) ? error.name : '';
    if (failing.size === 0 || (name !== '' && !named.has(name))) emit({ type: 'error', error });
    named.add(name);
    failing.add(call);
    if (call === 'takeSlots') slotsFailedAt = performance.now();
    if (typeof error === 'object' && error !== null) told.add(error);
  }

  function watched<Args extends unknown[], Answer>(
    name: Watched,
    call: (...args: Args) => Promise<Answer>,
    undo?: (answer: Answer) => Promise<void>,
  ): (...args: Args) => Promise<Answer> {
    const ms = answerMs[name];
    return async (...args) => {
      try {
        const asked = call(...args);
        const answer = await waitAtMost(ms, asked, () => {
          // Nobody waits for it any more.
          if (undo !== undefined) asked.then(undo).catch(() => {});
          const message = `The store did not answer ${name} within ${ms} ms. It is asked again.`;
          throw new DatabaseError(message, { code: undefined, cause: undefined });
        });
        worked(name);
        return answer;
      } catch (error) {
        if (FencedError.is(error)) worked(name);
        else failed(name, error);
        throw error;
      }
    };
  }

  return {
    store: {
      ...store,
      enter: watched(
        'enter',
        () => store.enter(),
        (life) => store.leave(life),
      ),
      claim: watched('claim', (...call) => store.claim(...call)),
      end: watched('end', (...call) => store.end(...call)),
      takeSlots: watched('takeSlots', (...call) => store.takeSlots(...call)),
      renew: watched('renew', (...call) => store.renew(...call)),
      sweep: watched('sweep', (...call) => store.sweep(...call)),
    },
    onError(error) {
      const isTold = typeof error === 'object' && error !== null && told.has(error);
      if (!isTold) emit({ type: 'error', error });
    },
  };
}
