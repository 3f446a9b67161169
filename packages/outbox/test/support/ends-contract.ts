import { afterEach, describe, expect, test } from 'vitest';
import { checkChange } from '../../src/model/change.ts';
import type { ClaimEnd, Claimed, Life } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { change } from './trial.ts';

/** What each store makes of ends that come late, come again, or never come. */
export function endsContract(backend: string, open: () => Promise<Store<never>>): void {
  describe(`ends in a store ${backend}`, { timeout: 30_000 }, () => {
    const stores: Store<never>[] = [];
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
    });

    let number = 0;
    /** A store, and a life in it that takes one change at a time. */
    async function start() {
      const store = await open();
      stores.push(store);
      const life = await store.enter();
      const accept = async (ticketId: string, key = 'default') => {
        const one = checkChange(change(ticketId, 'START', { key }));
        await store.accept([{ id: timeOrderedId(), change: one }]);
      };
      const claim = async (by = life): Promise<Claimed> => {
        for (;;) {
          const [job] = (await store.claim(by, { number: (number += 1), most: 1, held: [] })).jobs;
          if (job !== undefined) return job;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      return { store, life, accept, claim };
    }

    const endOf = (life: Life, { id, fence }: Claimed, more: Partial<ClaimEnd> = {}): ClaimEnd => ({
      life: life.id,
      id,
      fence,
      kind: 'done',
      doubt: 'none',
      ...more,
    });

    type Step = 'done' | 'retry' | 'dead' | 'unknown' | 'lost';
    const courses: readonly (readonly Step[])[] = [
      ['retry', 'done'],
      ['retry', 'retry', 'retry', 'done'],
      ['retry', 'lost', 'retry', 'dead'],
      ['dead', 'retry', 'done'],
      ['unknown', 'dead', 'retry', 'unknown', 'done'],
      ['lost', 'retry', 'lost', 'done'],
    ];

    test.each(courses.map((course) => [course.join(', '), course] as const))(
      'each is known again, whatever became of its change since: %s',
      async (_, course) => {
        const { store, life, accept, claim } = await start();
        await accept('TICKET-1');
        const said: { readonly end: ClaimEnd; readonly wasHeld: boolean }[] = [];
        const sayAll = async () => {
          for (const { end, wasHeld } of said) {
            const { stands, busy } = await store.end([end], []);
            expect([[...stands], [...busy]]).toEqual([wasHeld ? [end.id] : [], []]);
          }
        };
        for (const step of course) {
          const job = await claim();
          const kind = step === 'lost' ? 'retry' : step;
          const end = endOf(life, job, { kind, delayMs: 0 });
          // Taken from its worker: what that says later has no effect.
          if (step === 'lost') expect(await store.giveBack(job.id)).toBe(true);
          const { stands } = await store.end([end], []);
          expect([...stands]).toEqual(step === 'lost' ? [] : [job.id]);
          said.push({ end, wasHeld: step !== 'lost' });
          if (kind === 'dead' || kind === 'unknown') await store.redrive(job.id);
          await sayAll();
        }
        // Also beside the next change of the ticket.
        await accept('TICKET-1');
        const next = await claim();
        await sayAll();
        expect([...(await store.end([endOf(life, next)], [])).stands]).toEqual([next.id]);
        await sayAll();
      },
    );

    const firstStepMs = 1000;
    type Lose = (trial: Awaited<ReturnType<typeof start>>, probe: Claimed, by: Life) => unknown;
    const losses: readonly (readonly [string, Lose])[] = [
      [
        'that meets an outage',
        ({ store }, probe, by) =>
          store.end([endOf(by, probe, { kind: 'retry', isOutage: true, delayMs: 0 })], []),
      ],
      ['whose worker leaves', ({ store }, _, by) => store.leave(by)],
      ['that is taken from its worker by hand', ({ store }, { id }) => store.giveBack(id)],
      [
        'that asks nothing',
        ({ store }, probe, by) =>
          store.end([endOf(by, probe, { kind: 'retry', askedNothing: true, delayMs: 0 })], []),
      ],
    ];

    test.each(losses)(
      'a probe %s says nothing of its key, and the next one waits no longer for it',
      async (_, lose) => {
        const trial = await start();
        const { store, life, accept, claim } = trial;
        await accept('TICKET-1', 'north');
        const first = await claim();
        const fault = { kind: 'retry', keyFault: 'unusable', reason: 'revoked' } as const;
        await store.end([endOf(life, first, { ...fault, delayMs: 0 })], []);
        const prober = await store.enter();
        const probe = await claim(prober);
        const nextTry = async () => (await store.inspect.paused())[0]?.nextTryAt?.getTime() ?? 0;
        // While it is under way, as long as its request may take.
        expect((await nextTry()) - Date.now()).toBeGreaterThan(firstStepMs);
        await lose(trial, probe, prober);
        expect((await nextTry()) - Date.now()).toBeLessThanOrEqual(firstStepMs);
        expect(await store.inspect.paused()).toMatchObject([{ by: 'fault', reason: 'revoked' }]);
      },
    );

    test('one of a claim from before the pause says nothing about when the next probe comes', async () => {
      const { store, life, accept, claim } = await start();
      await accept('TICKET-1', 'north');
      await accept('TICKET-2', 'north');
      const [first, old] = [await claim(), await claim()];
      const fault = { kind: 'retry', keyFault: 'unusable', reason: 'revoked' } as const;
      await store.end([endOf(life, first, { ...fault, delayMs: 0 })], []);
      const [before] = await store.inspect.paused();
      const nothing = { kind: 'retry', askedNothing: true, delayMs: 0 } as const;
      await store.end([endOf(life, old, nothing)], []);
      const [after] = await store.inspect.paused();
      const differenceMs = Number(after?.nextTryAt) - Number(before?.nextTryAt);
      // Moments of a monotonic clock, as dates.
      expect(Math.abs(differenceMs)).toBeLessThan(10);
    });
  });
}
