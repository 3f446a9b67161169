import type { Life } from '../model/claim.ts';
import { isLasting } from '../model/errors.ts';
import type { Store } from '../model/store.ts';
import { moment } from '../model/moment.ts';
import { createInterruptibleSleep } from './interruptible-sleep.ts';
import { createPermit, longestSleepMs, type Permit } from './permit.ts';

/** One life of this worker: its name in the store, and its right to send, which are one thing. */
export interface WorkerLife extends Life {
  readonly permit: Permit;
}

const firstPauseMs = 250;

/** The lives of one worker, one after another. */
export function createLives(store: Pick<Store<never>, 'enter' | 'leave' | 'renew'>) {
  let present: WorkerLife | undefined;
  let entering: Promise<WorkerLife> | undefined;
  let isOver = false;

  async function enter(): Promise<WorkerLife> {
    const askedAt = moment();
    const life = await store.enter();
    if (isOver) {
      await store.leave(life);
      throw new Error('The worker was stopped as it entered.');
    }
    const permit = createPermit(() => store.renew(life), askedAt);
    present = { id: life.id, permit };
    return present;
  }

  /**
   * The present life, which is entered first where there is none. However many ask, one comes back,
   * and its permit exists only when the store has the life.
   */
  async function live(): Promise<WorkerLife> {
    if (present !== undefined) return present;
    if (isOver) throw new Error('The worker was stopped.');
    entering ??= enter().finally(() => (entering = undefined));
    return entering;
  }

  return {
    /**
     * Enters the first life, again and again while the store is away. False where `signal` ended that.
     * Rejects where no further try would help.
     */
    async begin(signal: AbortSignal): Promise<boolean> {
      const sleep = createInterruptibleSleep();
      const ended = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => {
        ended.resolve();
        sleep.wake();
      });
      for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = 2 * pauseMs) {
        try {
          await Promise.race([live(), ended.promise]);
          return !signal.aborted;
        } catch (error) {
          if (isLasting(error)) throw error;
          await sleep.for(Math.min(pauseMs, longestSleepMs));
        }
      }
      return false;
    },
    /** The present life, or none while the worker comes back. */
    present: (): WorkerLife | undefined => present,
    live,
    /** Ends a life that the store has ended. Nothing is sent under it any more. */
    lose(life: WorkerLife): void {
      life.permit.revoke();
      if (present === life) present = undefined;
    },
    /** Ends the present life for good. */
    async end(): Promise<void> {
      isOver = true;
      await entering?.catch(() => {});
      const last = present;
      present = undefined;
      last?.permit.revoke();
      if (last !== undefined) await store.leave(last);
    },
  };
}
