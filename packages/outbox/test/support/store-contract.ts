import { afterEach, describe, expect, test } from 'vitest';
import { FencedError } from '../../src/index.ts';
import { checkChange } from '../../src/model/change.ts';
import type { ClaimEnd, ClaimName, Life, Slot } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { graceMs } from '../../src/worker/permit.ts';
import { change } from './trial.ts';

/** What each store guarantees to its worker, whatever answers are lost between the two. */
export function storeContract(backend: string, open: () => Promise<Store<never>>): void {
  describe(`a store ${backend}`, () => {
    const stores: Store<never>[] = [];
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
    });

    /** A store with changes, and a life in it that has taken them. */
    async function start(tickets = 1, changesOfEach = 1) {
      const store = await open();
      stores.push(store);
      for (let made = 0; made < tickets * changesOfEach; made += 1) {
        const ticketId = `TICKET-${1 + (made % tickets)}`;
        await store.accept([{ id: timeOrderedId(), change: checkChange(change(ticketId)) }]);
      }
      return { store, life: await store.enter() };
    }

    let number = 0;
    /** Claims until it has got as many: processes that begin together wait for each other first. */
    async function claim(store: Store<never>, life: Life, held: readonly ClaimName[], count = 1) {
      for (;;) {
        const request = { number: (number += 1), most: 10, held };
        const claimed = await store.claim(life, request);
        if (claimed.jobs.length >= count) return { ...claimed, number };
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    async function claimOne(store: Store<never>, life: Life): Promise<ClaimName> {
      const [job] = (await claim(store, life, [])).jobs;
      if (job === undefined) throw new Error('Nothing was claimed.');
      return nameOf(job);
    }
    /** Says only what it holds. */
    const compare = (store: Store<never>, life: Life, held: readonly ClaimName[]) =>
      store.claim(life, { number: (number += 1), most: 0, held });

    const nameOf = ({ id, fence }: ClaimName) => ({ id, fence });
    const endOf = (
      life: Life,
      { id, fence }: ClaimName,
      more: Partial<ClaimEnd> = {},
    ): ClaimEnd => ({
      life: life.id,
      id,
      fence,
      kind: 'done',
      doubt: 'none',
      ...more,
    });

    test('has nothing to say to a worker that names what it holds', async () => {
      const { store, life } = await start(3);
      const { jobs } = await claim(store, life, [], 3);
      expect(await compare(store, life, jobs.map(nameOf))).toMatchObject({ strays: [], lost: [] });
    });

    test('names what a worker holds and does not know of, by the request that took it', async () => {
      const { store, life } = await start(2);
      const { jobs, number: lostNumber, strays } = await claim(store, life, [], 2);
      expect(strays).toEqual([]);
      const [first, second] = jobs.map(nameOf);
      const known = await compare(store, life, [first as ClaimName]);
      expect(known).toMatchObject({ strays: [{ ...second, number: lostNumber }], lost: [] });
      const both = await compare(store, life, []);
      expect(both.strays.map(nameOf)).toEqual(expect.arrayContaining([first, second]));
    });

    test.each(['first', 'last'])(
      'lets a slot cool down after its latest answer, when an older release of it comes %s',
      async (place) => {
        const { store } = await start(0);
        const { slots } = await store.takeSlots({ default: 25 });
        const [{ slot, token } = { slot: 0, token: 0 }] = slots;
        expect(slots).toHaveLength(25);
        const answered = { kind: 'answered' } as const;
        const old = { key: 'default', slot, token, answer: answered, at: performance.now() - 5000 };
        await store.end([], [old]);
        const again = await store.takeSlots({ default: 25 });
        expect(again.slots).toMatchObject([{ slot }]);
        const latest = { ...old, token: again.slots[0]?.token ?? 0, at: performance.now() + 5000 };
        // The answer to the first call was lost, so that it comes again, together with the latest one.
        await store.end([], place === 'first' ? [old, latest] : [latest, old]);
        const next = await store.takeSlots({ default: 25 });
        expect(next.slots).toEqual([]);
        expect(next.nextInMs).toBeGreaterThan(300);
      },
    );

    test.each([
      ['requests of changes under way keep slots', { default: 2000 }, 0],
      ['other requests keep no slots', {}, 1],
    ])('%s from new changes', async (_, ofChanges, expected) => {
      const { store, life } = await start();
      const until = performance.now() + 5000;
      const free = async (slots: readonly Slot[]) => {
        const answer = { kind: 'not-sent' } as const;
        await store.end(
          [],
          slots.map((slot) => ({ ...slot, answer, at: performance.now() })),
        );
      };
      // Those that begin together have waited for each other.
      await claim(store, life, [], 1);
      await store.accept([{ id: timeOrderedId(), change: checkChange(change('TICKET-2')) }]);
      const { slots } = await store.takeSlots({ default: 2000 }, ofChanges);
      await free(slots.slice(0, 3));
      const claimed = await store.claim(life, { number: (number += 1), most: 10, held: [] });
      expect(claimed.jobs).toHaveLength(expected);
      // Whoever asked for them is gone, and others go on asking.
      for (let jobs = expected; jobs === 0; jobs = await claimedAfterOther()) {
        expect(performance.now()).toBeLessThan(until);
      }

      async function claimedAfterOther() {
        await free((await store.takeSlots({ default: 1 })).slots);
        await new Promise((resolve) => setTimeout(resolve, 20));
        const again = await store.claim(life, { number: (number += 1), most: 10, held: [] });
        return again.jobs.length;
      }
    });

    test.each(['as-before', 'anew'] as const)(
      'hands a stray out again once it was ended, with the doubt that its worker has: %s',
      async (doubt) => {
        const { store, life } = await start();
        await claim(store, life, []);
        const { strays } = await compare(store, life, []);
        const more = { kind: 'retry', delayMs: 0, isOutage: true, doubt } as const;
        const ends = strays.map((stray) => endOf(life, stray, more));
        expect([...(await store.end(ends, [])).stands]).toEqual(strays.map(({ id }) => id));
        const { jobs, strays: left } = await claim(store, life, []);
        expect(jobs[0]?.doubtMs === null).toBe(doubt === 'as-before');
        expect([jobs.length, left]).toEqual([1, []]);
      },
    );

    test('lets timers of one ticket in by their times, not as they were accepted', async () => {
      const { store, life } = await start(0);
      const [later, earlier] = [2500, 2000].map((inMs) => ({
        id: timeOrderedId(),
        change: checkChange(change('TICKET-1')),
        notBefore: new Date(Date.now() + inMs),
      }));
      if (later === undefined || earlier === undefined) throw new Error('none');
      await store.accept([later]);
      await store.accept([earlier]);
      while (Date.now() <= later.notBefore.getTime()) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const first = await claimOne(store, life);
      await store.end([endOf(life, first)], []);
      const second = await claimOne(store, life);
      expect([first.id, second.id]).toEqual([earlier.id, later.id]);
    });

    test('hands out what a person took from a worker once that worker has surely heard of it', async () => {
      const { store, life } = await start();
      const job = await claimOne(store, life);
      expect(await store.giveBack(job.id)).toBe(true);
      const { lost, nextInMs } = await compare(store, life, [job]);
      expect(lost.map(nameOf)).toEqual([job]);
      // A claim that hangs, the sleep before the next one, and the permit.
      expect(nextInMs).toBeGreaterThan(5000);
      expect(nextInMs).toBeLessThanOrEqual(5000 + 1000 + graceMs);
    });

    test('takes nothing of a key that it is told to leave out', async () => {
      const { store, life } = await start(2);
      const other = checkChange(change('TICKET-1', 'START', { key: 'other' }));
      await store.accept([{ id: timeOrderedId(), change: other }]);
      const claimedKeys: string[] = [];
      while (claimedKeys.length === 0) {
        const request = { number: (number += 1), most: 10, held: [], without: ['default'] };
        const { jobs } = await store.claim(life, request);
        claimedKeys.push(...jobs.map(({ key }) => key));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(claimedKeys).toEqual(['other']);
    });

    test('names what a worker no longer holds: ended, another claim, or nothing at all', async () => {
      const { store, life } = await start(2);
      const { jobs } = await claim(store, life, [], 2);
      const [ended, held] = jobs.map(nameOf) as [ClaimName, ClaimName];
      await store.end([endOf(life, ended)], []);
      const other = { ...held, fence: held.fence + 1 };
      const never = { id: timeOrderedId(), fence: 0 };
      const { lost, strays } = await compare(store, life, [ended, other, never]);
      expect(lost.map(nameOf)).toHaveLength(3);
      expect(lost.map(nameOf)).toEqual(expect.arrayContaining([ended, other, never]));
      expect(strays.map(nameOf)).toEqual([held]);
    });

    test.each(['done', 'dropped', 'dead', 'unknown', 'retry'] as const)(
      'knows an end again whose answer was lost: %s',
      async (kind) => {
        const { store, life } = await start();
        const job = await claimOne(store, life);
        const end = endOf(life, job, { kind, delayMs: 60_000 });
        for (let time = 1; time <= 3; time += 1) {
          expect([...(await store.end([end], [])).stands]).toEqual([job.id]);
        }
        const depth = await store.inspect.depth();
        const found = {
          done: {},
          dropped: {},
          dead: { dead: 1 },
          unknown: { unknown: 1 },
          retry: { retrying: 1 },
        };
        expect(depth).toMatchObject({ underWay: 0, ...found[kind] });
      },
    );

    test('knows it also when the next change of the ticket has ended since', async () => {
      // Two changes of one ticket.
      const { store, life } = await start(1, 2);
      const first = await claimOne(store, life);
      const end = endOf(life, first);
      await store.end([end], []);
      const next = await claimOne(store, life);
      expect(next.id).not.toBe(first.id);
      const later = endOf(life, next);
      for (const ends of [[end, later], [end, later], [end]]) {
        const { stands } = await store.end(ends, []);
        expect([...stands].toSorted()).toEqual(ends.map(({ id }) => id).toSorted());
      }
    });

    test('knows it also when the change was handed out again since', async () => {
      const { store, life } = await start();
      const first = await claimOne(store, life);
      const end = endOf(life, first, { kind: 'retry', delayMs: 0 });
      await store.end([end], []);
      const second = await claimOne(store, life);
      expect([...(await store.end([end], [])).stands]).toEqual([first.id]);
      // Which it did not end.
      expect(await compare(store, life, [second])).toMatchObject({ strays: [], lost: [] });
    });

    test('writes down no end of another claim, and none of another life', async () => {
      const { store, life } = await start();
      const job = await claimOne(store, life);
      const others = [
        endOf(life, { ...job, fence: job.fence + 1 }),
        endOf({ id: timeOrderedId() }, job),
        endOf(life, { ...job, id: timeOrderedId() }),
      ];
      for (const end of others) expect([...(await store.end([end], [])).stands]).toEqual([]);
      expect(await store.inspect.depth()).toMatchObject({ underWay: 1 });
    });

    describe('while a request of an ended change may still be under way', () => {
      const minuteMs = 60_000;
      const accept = async (store: Store<never>, ticketId: string) => {
        const id = timeOrderedId();
        await store.accept([{ id, change: checkChange(change(ticketId)) }]);
        return id;
      };

      type Case = (store: Store<never>, life: Life, ends: Partial<ClaimEnd>) => Promise<string>;
      const cases: readonly (readonly [string, Case])[] = [
        [
          'that waited behind it',
          async (store, life, ends) => {
            await accept(store, 'TICKET-1');
            const held = await claimOne(store, life);
            const next = await accept(store, 'TICKET-1');
            await store.end([endOf(life, held, ends)], []);
            return next;
          },
        ],
        [
          'that is accepted later',
          async (store, life, ends) => {
            await accept(store, 'TICKET-1');
            await store.end([endOf(life, await claimOne(store, life), ends)], []);
            return accept(store, 'TICKET-1');
          },
        ],
        [
          'behind one that is cancelled',
          async (store, life, ends) => {
            await accept(store, 'TICKET-1');
            const held = await claimOne(store, life);
            const cancelled = await accept(store, 'TICKET-1');
            const next = await accept(store, 'TICKET-1');
            await store.end([endOf(life, held, ends)], []);
            expect(await store.cancel(cancelled)).toBe(true);
            return next;
          },
        ],
        [
          'behind one that nobody knows the end of, and that is skipped',
          async (store, life, ends) => {
            await accept(store, 'TICKET-1');
            const held = await claimOne(store, life);
            const next = await accept(store, 'TICKET-1');
            const unknown = { ...ends, kind: 'unknown', doubt: 'anew' } as const;
            await store.end([endOf(life, held, unknown)], []);
            expect(await store.skip(held.id, 'Done by hand.')).toBe(true);
            return next;
          },
        ],
      ];

      test.each(cases)('keeps back the next change of its ticket, %s', async (_, arrange) => {
        const { store, life } = await start(0);
        const next = await arrange(store, life, { quietInMs: minuteMs });
        const other = await accept(store, 'TICKET-2');
        const { jobs } = await claim(store, life, []);
        expect(jobs.map(({ id }) => id)).toEqual([other]);
        expect(await store.inspect.blocked()).toMatchObject([
          {
            ticketId: 'TICKET-1',
            by: next,
            kind: 'waiting',
            reason: 'A request of the change before it may still be under way.',
          },
        ]);
        const { nextInMs } = await compare(store, life, jobs.map(nameOf));
        expect(nextInMs).toBeLessThanOrEqual(minuteMs);
      });

      test.each(cases)('hands it out after that: one %s', async (_, arrange) => {
        const { store, life } = await start(0);
        const next = await arrange(store, life, { quietInMs: 50 });
        const { jobs } = await claim(store, life, []);
        expect(jobs.map(({ id }) => id)).toEqual([next]);
      });
    });

    test('a life that has ended holds nothing, and can do nothing', async () => {
      const { store, life } = await start();
      const job = await claimOne(store, life);
      await store.leave(life);
      // A second time changes nothing.
      await store.leave(life);
      expect(await store.renew(life)).toBe(false);
      await expect(compare(store, life, [])).rejects.toThrow(FencedError);
      expect([...(await store.end([endOf(life, job)], [])).stands]).toEqual([]);

      const next = await store.enter();
      expect(next.id).not.toBe(life.id);
      expect([await store.renew(next), await store.renew(life)]).toEqual([true, false]);
      const { jobs } = await claim(store, next, []);
      expect(jobs).toMatchObject([{ id: job.id, doubtMs: expect.any(Number) }]);
      expect([...(await store.end([endOf(life, job)], [])).stands]).toEqual([]);
      expect(await compare(store, next, jobs.map(nameOf))).toMatchObject({ strays: [], lost: [] });
    });
  });
}
