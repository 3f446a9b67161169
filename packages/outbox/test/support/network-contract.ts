import { afterEach, describe, expect, test } from 'vitest';
import {
  checkOutboxOptions,
  createListeners,
  createOutbox,
  type OutboxOptions,
} from '../../src/create-outbox.ts';
import type { DeliveryJob, Ending, Outbox, OutboxEvent } from '../../src/index.ts';
import type { Claim, ClaimEnd, Life } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import { behindNetwork, type Faults } from './faulty-store.ts';
import { change, ended, eventOf, trialOf } from './trial.ts';

const capabilities = {
  transactional: false,
  scope: 'process',
  survives: 'nothing',
  liveness: 'none',
} as const;

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a worker keeps, whatever becomes of its calls to the store. */
export function networkContract(backend: string, openStore: () => Promise<Store<never>>): void {
  describe(`a worker whose store ${backend} is behind a bad network`, () => {
    const outboxes: Outbox[] = [];
    afterEach(async () => {
      for (const outbox of outboxes.splice(0)) await outbox.close({ drainMs: 0 });
    });

    async function start(faults: Faults) {
      const store = await openStore();
      const options: OutboxOptions = { pace: 'burst', timeoutMs: 500 };
      const settings = checkOutboxOptions<OutboxOptions>('test', options, {} as never);
      const trial = await trialOf(async (onEvent) =>
        createOutbox(
          behindNetwork(store, faults),
          capabilities,
          settings,
          createListeners(onEvent),
        ),
      );
      outboxes.push(trial.outbox);
      return { ...trial, store };
    }

    /** Notes each delivery, right before it would send. */
    function noting(
      end: (job: DeliveryJob) => Ending | Promise<Ending> = () => ({ kind: 'done' }),
    ) {
      const seen: string[] = [];
      const deliver = async (job: DeliveryJob) => {
        await job.ensureHeld();
        seen.push(`${eventOf(job)}${job.doubt === undefined ? '' : ' in doubt'}`);
        return end(job);
      };
      return { seen, deliver };
    }

    const tookSome = (answer: unknown) => (answer as Claim).jobs.length > 0;
    const endsSome = (args: readonly unknown[]) => (args[0] as unknown[]).length > 0;
    const isFenced = ({ type }: OutboxEvent) => type === 'fenced';
    const isIdle = async (store: Store<never>) => {
      const { waiting, underWay, retrying } = await store.inspect.depth();
      return waiting + underWay + retrying === 0;
    };

    test.each(['lost', 'hangs'] as const)(
      'delivers without a doubt what was taken by a claim that it never heard of: %s',
      async (fate) => {
        let isDone = false;
        const { outbox, store, until, events } = await start({
          after(call, answer) {
            if (isDone || call !== 'claim' || !tookSome(answer)) return undefined;
            isDone = true;
            return fate;
          },
        });
        const { seen, deliver } = noting();
        await outbox.accept(change('TICKET-1', 'ONE'));
        await outbox.accept(change('TICKET-1', 'TWO'));
        await outbox.run(deliver);
        await until(ended('done'), 2);
        expect([seen, isDone]).toEqual([['ONE', 'TWO'], true]);
        expect(await isIdle(store)).toBe(true);
        expect(events).toContainEqual(expect.objectContaining({ type: 'recovered', changes: 1 }));
      },
    );

    test.each(['lost', 'hangs'] as const)(
      'tells an end once, as it was written, when the answer to it does not come: %s',
      async (fate) => {
        let isDone = false;
        const { outbox, until, events } = await start({
          after(call, answer) {
            if (isDone || call !== 'end' || (answer as Set<string>).size === 0) return undefined;
            isDone = true;
            return fate;
          },
        });
        const { seen, deliver } = noting();
        await outbox.accept(change('TICKET-1', 'ONE'));
        await outbox.accept(change('TICKET-1', 'TWO'));
        await outbox.run(deliver);
        await until(ended('done'), 2);
        expect([seen, events.filter(ended()).length]).toEqual([['ONE', 'TWO'], 2]);
        expect(events.filter(isFenced)).toEqual([]);
      },
    );

    test('tries again without a doubt what was not sent, though the answer to its end comes later', async () => {
      let isDone = false;
      const { outbox, until, events } = await start({
        after(call, _, args) {
          if (isDone || call !== 'end' || !endsSome(args)) return undefined;
          isDone = true;
          return 1000;
        },
      });
      const { seen, deliver } = noting(({ attempt }) =>
        attempt === 1 ? { kind: 'retry', reason: 'away', delayMs: 1 } : { kind: 'done' },
      );
      await outbox.accept(change('TICKET-1', 'ONE'));
      await outbox.run(deliver);
      await until(ended('done'));
      expect(seen).toEqual(['ONE', 'ONE']);
      expect(events.filter(isFenced)).toEqual([]);
    });

    test('reads before it sends again what was done by an end that the store forgot', async () => {
      let isDone = false;
      const { outbox, store, until } = await start({
        before(call, args) {
          if (isDone || call !== 'end' || !endsSome(args)) return undefined;
          isDone = true;
          return 'forgotten';
        },
      });
      const { seen, deliver } = noting();
      await outbox.accept(change('TICKET-1', 'ONE'));
      await outbox.accept(change('TICKET-1', 'TWO'));
      await outbox.run(deliver);
      await until(({ type, ...event }) => ended('done')({ type, ...event } as OutboxEvent), 3);
      expect(seen).toEqual(['ONE', 'ONE in doubt', 'TWO']);
      expect(await isIdle(store)).toBe(true);
    });

    test('gives a change back that it may not send, because each answer comes too late', async () => {
      let isSlow = false;
      const { outbox, store, until, events } = await start({
        after: (call) => (isSlow && (call === 'renew' || call === 'claim') ? 3000 : undefined),
      });
      const asked: unknown[] = [];
      await outbox.accept(change('TICKET-1'));
      await outbox.run(async (job) => {
        if (asked.length === 0) {
          isSlow = true;
          // Until the permit, and what the worker asked for meanwhile, is over.
          await new Promise((resolve) => setTimeout(resolve, 3500));
        }
        asked.push(job.doubt);
        try {
          await job.ensureHeld();
          return { kind: 'done' };
        } finally {
          isSlow = false;
        }
      });
      await until(ended('done'));
      // It asked whether it may send, and was not told so in time: nothing was sent.
      expect(asked).toEqual([undefined, undefined]);
      expect(events.filter(ended()).map((event) => event.type === 'ended' && event.kind)).toEqual([
        'retry',
        'done',
      ]);
      expect(events.filter(isFenced)).toEqual([]);
      expect(await isIdle(store)).toBe(true);
    });

    test('sends nothing for a claim that the store does not know any more', async () => {
      const forgotten = Promise.withResolvers<void>();
      let last: { readonly life: Life; readonly claimed: Claim } | undefined;
      const { outbox, store, until } = await start({
        after(call, answer, [life]) {
          if (call !== 'claim') return undefined;
          const claimed = answer as Claim;
          if (claimed.jobs.length > 0) last ??= { life: life as Life, claimed };
          // What has been answered is heard in the next step.
          if (claimed.lost.length > 0) setImmediate(() => forgotten.resolve());
          return undefined;
        },
      });
      const begun = Promise.withResolvers<void>();
      let refused: unknown;
      await outbox.accept(change('TICKET-1'));
      await outbox.run(async (job) => {
        if (refused !== undefined) return { kind: 'done' };
        refused = 'not yet';
        await job.ensureHeld();
        begun.resolve();
        await forgotten.promise;
        refused = await job.ensureHeld().then(
          () => 'held',
          (error: Error) => error.name,
        );
        expect(job.isHeld()).toBe(false);
        return { kind: 'retry', reason: 'no answer' };
      });
      await begun.promise;
      // As a failover would do it: the claim never was.
      const ends = (last?.claimed.jobs ?? []).map(({ id, fence }): ClaimEnd => ({
        life: last?.life.id ?? '',
        id,
        fence,
        kind: 'retry',
        delayMs: 60_000,
        doubt: 'none',
      }));
      expect((await store.end(ends, [])).stands.size).toBe(1);
      await forgotten.promise;
      await until(({ type }) => type === 'ended' || type === 'fenced');
      expect(refused).toBe('FencedError');
    });

    test('comes back as one life at a time, and is told "held" by no other', async () => {
      const held: number[] = [];
      const calm = new AbortController();
      const lives: Life[] = [];
      const { outbox, store, until } = await start({
        after(call, answer) {
          if (call === 'enter') lives.push(answer as Life);
          return !calm.signal.aborted && call === 'enter' && lives.length > 1
            ? 20 + Math.random() * 600
            : undefined;
        },
      });
      const isLiving = async (life: Life) => store.renew(life);
      await outbox.accept(change('TICKET-1'));
      await outbox.run(async (job) => {
        const born = lives.length;
        while (!calm.signal.aborted) {
          if (job.isHeld() && lives.length > born) held.push(born);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return { kind: 'done' };
      });
      for (let round = 0; round < 5; round += 1) {
        const before = lives.length;
        await store.leave(lives.at(-1) as Life);
        while (lives.length === before) await new Promise((resolve) => setTimeout(resolve, 20));
        // The answer to the entry is under way for a while.
        await new Promise((resolve) => setTimeout(resolve, 700));
      }
      calm.abort();
      await until(ended('done'));
      expect([lives.length, held]).toEqual([6, []]);
      expect(await isLiving(lives.at(-1) as Life)).toBe(true);
    });

    test.each([1, 2, 3])(
      'strands nothing, doubles nothing and keeps the order while answers are lost: seed %i',
      async (seed) => {
        const random = randomOf(seed);
        let isBad = true;
        let lost = 0;
        const { outbox, store, until, events } = await start({
          before: () => (isBad && random() < 0.1 ? 'never-arrives' : undefined),
          after() {
            if (!isBad || random() > 0.2) return undefined;
            lost += 1;
            return 'lost';
          },
        });
        const sent = new Map<string, string[]>();
        const tickets = 30;
        const steps = ['ONE', 'TWO', 'THREE'];
        for (const step of steps) {
          for (let ticket = 0; ticket < tickets; ticket += 1) {
            await outbox.accept(change(`TICKET-${ticket}`, step));
          }
        }
        const deliver = async (job: DeliveryJob): Promise<Ending> => {
          await job.ensureHeld();
          const { ticketId } = job.change;
          const before = sent.get(ticketId) ?? [];
          // One in doubt is read first, so it is not sent again.
          const isThere = job.doubt !== undefined && before.at(-1) === eventOf(job);
          if (!isThere) sent.set(ticketId, [...before, eventOf(job)]);
          return { kind: 'done' };
        };
        const run = (): Promise<void> => outbox.run(deliver).catch(run);
        await run();
        await until(ended('done'), tickets * steps.length);
        isBad = false;
        expect([...sent.values()]).toEqual(Array.from({ length: tickets }, () => steps));
        expect(await isIdle(store)).toBe(true);
        expect(lost).toBeGreaterThan(0);
        expect(events.filter(ended('done'))).toHaveLength(tickets * steps.length);
      },
    );
  });
}
