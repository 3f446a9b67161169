import type { Life } from '../model/claim.ts';
import type { Store } from '../model/store.ts';
import { moment } from '../model/moment.ts';
import { createPermit, type Permit } from './permit.ts';

/** One life of this worker: its name in the store, and its right to send, which are one thing. */
export interface WorkerLife extends Life {
  readonly permit: Permit;
}

/** The lives of one worker, one after another. */
export interface Lives {
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

  return {
    present: () => present,
    async live() {
      if (present !== undefined) return present;
      if (isOver) throw new Error('The worker was stopped.');
      entering ??= enter().finally(() => (entering = undefined));
      return entering;
    },
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
