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

/** The lives of one worker, one after another. */
export interface Lives {
  /**
   * Enters the first life, again and again while the store is away. False where `signal` ended that.
   * Rejects where no further try would help.
   */
  begin(signal: AbortSignal): Promise<boolean>;
  /** The present life, or none while the worker comes back. */
  present(): WorkerLife | undefined;
  /**
   * The present life, which is entered first where there is none. However many ask, one comes back,
   * and its permit exists only when the store has the life.
   */
  live(): Promise<WorkerLife>;
  /** Ends a life that the store has ended. Nothing is sent under it any more. */
  lose(life: WorkerLife): void;
  /** Ends the present life for good. */
  end(): Promise<void>;
}

const firstPauseMs = 250;

export function createLives(store: Pick<Store<never>, 'enter' | 'leave' | 'renew'>): Lives {
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

  async function live(): Promise<WorkerLife> {
    if (present !== undefined) return present;
    if (isOver) throw new Error('The worker was stopped.');
    entering ??= enter().finally(() => (entering = undefined));
    return entering;
  }

  return {
    async begin(signal) {
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
    present: () => present,
    live,
    lose(life) {
      life.permit.revoke();
      if (present === life) present = undefined;
    },
    async end() {
      isOver = true;
      await entering?.catch(() => {});
      const last = present;
      present = undefined;
      last?.permit.revoke();
      if (last !== undefined) await store.leave(last);
    },
  };
}
