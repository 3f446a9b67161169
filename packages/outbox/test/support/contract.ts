import { LimiterClosedError, WaitExpiredError } from '@ticket-lifecycle/series';
import { afterEach, describe, expect, test } from 'vitest';
import {
  FencedError,
  InvalidChangeError,
  type DeliveryJob,
  type Ending,
  type Outbox,
  type OutboxOptions,
} from '../../src/index.ts';
import { change, delivering, ended, eventOf, trialOf, type Trial } from './trial.ts';

/** What every backend guarantees. */
export function contract<Tx>(
  backend: string,
  open: (options: OutboxOptions) => Promise<Outbox<Tx>>,
): void {
  describe(`an outbox ${backend}`, () => {
    const outboxes: Outbox<Tx>[] = [];
    const start = async (options: OutboxOptions = {}): Promise<Trial<Tx>> => {
      const trial = await trialOf((onEvent) => open({ onEvent, ...options }));
      outboxes.push(trial.outbox);
      return trial;
    };
    afterEach(async () => {
      for (const outbox of outboxes.splice(0)) await outbox.close();
    });

    test('delivers an accepted change once', async () => {
      const { outbox, until } = await start();
      const seen: DeliveryJob[] = [];
      const id = await outbox.accept(change('TICKET-1'));
      await outbox.run(
        delivering((delivery) => ({ kind: 'done', note: String(seen.push(delivery)) })),
      );
      await until(ended('done'));
      expect(seen.map((delivery) => [delivery.id, delivery.attempt, delivery.doubt])).toEqual([
        [id, 1, undefined],
      ]);
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0, underWay: 0 });
    });

    test('delivers what is accepted while it runs', async () => {
      const { outbox, until } = await start();
      await outbox.run(delivering());
      await outbox.accept(change('TICKET-1'));
      await until(ended('done'));
      await outbox.accept(change('TICKET-2'));
      expect(await until(ended('done'), 2)).toHaveLength(2);
    });

    test('keeps the order of a ticket, whatever the priorities', async () => {
      const { outbox, until } = await start();
      const seen: string[] = [];
      for (let step = 0; step < 9; step += 1) {
        await outbox.accept(change(`TICKET-${step % 3}`, `STEP-${step}`), { priority: step % 2 });
      }
      await outbox.run(
        delivering((delivery) => {
          seen.push(`${delivery.change.ticketId} ${eventOf(delivery)}`);
          return { kind: 'done' };
        }),
      );
      await until(ended('done'), 9);
      for (const ticket of [0, 1, 2]) {
        expect(seen.filter((line) => line.startsWith(`TICKET-${ticket} `))).toEqual(
          [0, 3, 6].map((step) => `TICKET-${ticket} STEP-${step + ticket}`),
        );
      }
    });

    test('never has two changes of a ticket under way', async () => {
      const { outbox, until } = await start();
      let underWay = 0;
      let most = 0;
      for (let step = 0; step < 4; step += 1)
        await outbox.accept(change('TICKET-1', `STEP-${step}`));
      await outbox.run(
        delivering(async () => {
          most = Math.max(most, (underWay += 1));
          await new Promise((resolve) => setImmediate(resolve));
          underWay -= 1;
          return { kind: 'done' };
        }),
      );
      await until(ended('done'), 4);
      expect(most).toBe(1);
    });

    test('serves the higher priority first', async () => {
      const { outbox, until } = await start();
      const seen: string[] = [];
      await outbox.accept(change('TICKET-1'));
      await outbox.accept(change('TICKET-2'), { priority: 5 });
      await outbox.run(
        delivering((delivery) => {
          seen.push(delivery.change.ticketId);
          return { kind: 'done' };
        }),
      );
      await until(ended('done'), 2);
      expect(seen).toEqual(['TICKET-2', 'TICKET-1']);
    });

    test('never gives a key more slots than its budget has', async () => {
      const { outbox, until } = await start();
      const at: number[] = [];
      for (let step = 0; step < 30; step += 1) await outbox.accept(change(`TICKET-${step}`));
      await outbox.run(
        delivering(() => {
          at.push(performance.now());
          return { kind: 'done' };
        }),
      );
      await until(ended('done'), 30);
      const first = at[0] ?? 0;
      // The 26th needs a slot that was given back, which then rests for a second.
      expect((at[25] ?? 0) - first).toBeGreaterThan(1000);
    });

    test('a change that is under way goes before those that have not begun', async () => {
      const { outbox, until } = await start();
      const granted: string[] = [];
      for (let step = 0; step < 80; step += 1) await outbox.accept(change(`TICKET-${step}`));
      await outbox.run(async ({ rateLimiter, key, change: { ticketId } }) => {
        const needed = ticketId === 'TICKET-0' ? ['first', 'second'] : [ticketId];
        for (const name of needed) {
          const lease = await rateLimiter.acquire(key, ticketId);
          granted.push(name);
          lease.release({ kind: 'answered' });
        }
        return { kind: 'done' };
      });
      await until(ended('done'), 80);
      // With the second round of slots, or the third on a busy machine: the backlog would need four.
      expect(granted.indexOf('second')).toBeLessThan(75);
    });

    test('a request whose lane is given back in the same step gets its slot', async () => {
      const { outbox, until } = await start();
      await outbox.accept(change('TICKET-1'));
      await outbox.run(async ({ rateLimiter, key, change: { ticketId } }) => {
        for (let request = 0; request < 3; request += 1) {
          const lease = await rateLimiter.acquire(key, ticketId);
          // So long that nobody asks the store for slots any more.
          await new Promise((resolve) => setTimeout(resolve, 400));
          lease.release({ kind: 'not-sent' });
        }
        return { kind: 'done' };
      });
      expect(await until(ended('done'))).toHaveLength(1);
    });

    test('a 429 pauses the whole key', async () => {
      const { outbox, until } = await start();
      const at: number[] = [];
      await outbox.accept(change('TICKET-1'));
      await outbox.run(async ({ rateLimiter, key, change: { ticketId } }) => {
        for (const kind of ['limited', 'answered'] as const) {
          const lease = await rateLimiter.acquire(key, ticketId, { first: true });
          at.push(performance.now());
          lease.release({ kind });
        }
        return { kind: 'done' };
      });
      await until(ended('done'));
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(995);
      expect(await outbox.inspect.budgets()).toMatchObject([{ limited: 1, sent: 2 }]);
    });

    test('tells times in whole milliseconds', async () => {
      const { outbox, until } = await start();
      const pausing = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      await outbox.accept(change('TICKET-1'));
      await outbox.accept(change('TICKET-1', 'NEXT'));
      const waits: number[] = [];
      await outbox.run(async ({ rateLimiter, key, change: { ticketId } }) => {
        const lease = await rateLimiter.acquire(key, ticketId, { first: true });
        waits.push(lease.waitedMs);
        lease.release({ kind: 'limited', retryAfterMs: 5000 });
        pausing.resolve();
        await goOn.promise;
        return { kind: 'done' };
      });
      await pausing.promise;
      const { oldestMs, oldestUnderWayMs } = await outbox.inspect.depth();
      const isPaused = async () =>
        (await outbox.inspect.budgets()).some(({ pausedMs }) => pausedMs);
      while (!(await isPaused())) await new Promise((resolve) => setTimeout(resolve, 10));
      const pauses = (await outbox.inspect.budgets()).map(({ pausedMs }) => pausedMs);
      goOn.resolve();
      const ends = await until(ended('done'), 2);
      const times = [
        oldestMs,
        oldestUnderWayMs,
        ...pauses,
        ...waits,
        ...ends.map((event) => (event.type === 'ended' ? event.acceptedMs : Number.NaN)),
      ];
      expect(times).toHaveLength(7);
      expect(times.filter((ms) => !Number.isInteger(ms))).toEqual([]);
    });

    test('a change that can not succeed holds its ticket until it is skipped', async () => {
      const { outbox, until } = await start();
      const seen: string[] = [];
      const first = await outbox.accept(change('TICKET-1', 'WRONG'));
      await outbox.accept(change('TICKET-1', 'NEXT'));
      await outbox.accept(change('TICKET-2', 'OTHER'));
      await outbox.run(
        delivering((delivery) => {
          seen.push(eventOf(delivery));
          return seen.at(-1) === 'WRONG'
            ? { kind: 'dead', reason: 'no such way' }
            : { kind: 'done' };
        }),
      );
      await until(ended('dead'));
      await until(ended('done'));
      expect(seen).not.toContain('NEXT');
      expect(await outbox.inspect.dead()).toMatchObject([
        { id: first, kind: 'dead', reason: 'no such way', change: { event: 'WRONG' } },
      ]);
      expect(await outbox.inspect.blocked()).toMatchObject([
        { key: 'default', ticketId: 'TICKET-1', by: first, kind: 'dead', waiting: 1 },
      ]);
      expect(await outbox.skip(first, 'done by hand')).toBe(true);
      await until(ended('done'), 2);
      expect(seen).toContain('NEXT');
      expect(await outbox.inspect.dead()).toEqual([]);
      expect(await outbox.skip(first, 'again')).toBe(false);
    });

    test('shows why a ticket does not go on, and since when', async () => {
      const { outbox, until } = await start();
      const begunAt = Date.now();
      const ids: string[] = [];
      for (const event of ['DEAD', 'UNKNOWN', 'RETRY', 'THROWS']) {
        ids.push(await outbox.accept(change(`TICKET-${event}`, event)));
        await outbox.accept(change(`TICKET-${event}`, 'NEXT'));
      }
      await outbox.run(
        delivering((delivery) => {
          const reason = `It is ${eventOf(delivery)}.`;
          const delayMs = 60_000;
          switch (eventOf(delivery)) {
            case 'DEAD':
              return { kind: 'dead', reason };
            case 'UNKNOWN':
              return { kind: 'unknown', reason };
            case 'RETRY':
              return { kind: 'retry', reason, delayMs };
            default:
              return { kind: 'read-again', reason, delayMs };
          }
        }),
      );
      await until(ended(), 4);
      const blocked = await outbox.inspect.blocked();
      const told = blocked.map(({ by, kind, reason, waiting }) => [by, kind, reason, waiting]);
      expect(told).toHaveLength(4);
      expect(told).toEqual(
        expect.arrayContaining([
          [ids[0], 'dead', 'It is DEAD.', 1],
          [ids[1], 'unknown', 'It is UNKNOWN.', 1],
          [ids[2], 'retrying', 'It is RETRY.', 1],
          [ids[3], 'retrying', 'It is THROWS.', 1],
        ]),
      );
      for (const { since } of blocked) {
        // The clock of a database may be a moment behind.
        expect(since.getTime()).toBeGreaterThan(begunAt - 1000);
        expect(since.getTime()).toBeLessThan(Date.now() + 1000);
      }
    });

    test('a change that nobody can tell of is parked, and redriven as one in doubt', async () => {
      const { outbox, until } = await start();
      const doubts: boolean[] = [];
      const id = await outbox.accept(change('TICKET-1'));
      await outbox.run(
        delivering(({ doubt }) => {
          doubts.push(doubt !== undefined);
          return doubts.length === 1 ? { kind: 'unknown', reason: 'no answer' } : { kind: 'done' };
        }),
      );
      await until(ended('unknown'));
      expect(await outbox.inspect.depth()).toMatchObject({ unknown: 1, dead: 0 });
      expect(await outbox.redrive(id)).toBe(true);
      await until(ended('done'));
      expect(doubts).toEqual([false, true]);
    });

    test('tries again what was not processed, before the ticket goes on', async () => {
      const { outbox, until } = await start();
      const seen: string[] = [];
      await outbox.accept(change('TICKET-1', 'ONE'));
      await outbox.accept(change('TICKET-1', 'TWO'));
      await outbox.run(
        delivering((delivery) => {
          const { attempt, doubt } = delivery;
          seen.push(`${eventOf(delivery)} ${attempt} ${doubt === undefined}`);
          return attempt === 1 && eventOf(delivery) === 'ONE'
            ? { kind: 'retry', reason: 'no connection', delayMs: 1 }
            : { kind: 'done' };
        }),
      );
      await until(ended('done'), 2);
      expect(seen).toEqual(['ONE 1 true', 'ONE 2 true', 'TWO 1 true']);
    });

    test('an outage uses up no attempts', async () => {
      const { outbox, until } = await start({ maxAttempts: 2 });
      const attempts: number[] = [];
      const id = await outbox.accept(change('TICKET-1'));
      await outbox.run(
        delivering(({ attempt }) => {
          attempts.push(attempt);
          const isOutage = attempts.length <= 4;
          return { kind: 'retry', reason: 'no connection', delayMs: 1, isOutage };
        }),
      );
      const [dead] = await until(ended('dead'));
      expect(attempts).toEqual([1, 2, 3, 4, 5, 6]);
      expect(dead).toMatchObject({ reason: 'no connection (given up after 2 attempts)' });
      await outbox.redrive(id);
      await until(ended('dead'), 2);
      expect(attempts.slice(6)).toEqual([1, 2]);
    });

    async function expectDoubtAfter(first: () => Ending): Promise<void> {
      const { outbox, until } = await start();
      const doubts: boolean[] = [];
      await outbox.accept(change('TICKET-1'));
      await outbox.run(
        delivering(({ doubt }) => {
          doubts.push(doubt !== undefined);
          return doubts.length === 1 ? first() : { kind: 'done' };
        }),
      );
      await until(ended('done'));
      expect(doubts).toEqual([false, true]);
    }

    test('what throws counts as in doubt', async () => {
      await expectDoubtAfter(() => {
        throw new Error('broken');
      });
    });

    test.each([undefined, 'done', { kind: 'finished' }])(
      'an end that is none leaves the change in doubt: %o',
      async (end) => expectDoubtAfter(() => end as never),
    );

    test('remembers where the ticket stood after the latest delivery', async () => {
      const { outbox, until } = await start();
      const known: unknown[] = [];
      await outbox.accept(change('TICKET-1', 'ONE'));
      await outbox.accept(change('TICKET-1', 'TWO'));
      await outbox.run(
        delivering((delivery) => {
          known.push(delivery.known?.state);
          return { kind: 'done', state: 'in-progress' };
        }),
      );
      await until(ended('done'), 2);
      expect(known).toEqual([undefined, 'in-progress']);
    });

    test('a change that is taken back is not delivered', async () => {
      const { outbox, until } = await start();
      const first = await outbox.accept(change('TICKET-1', 'ONE'));
      await outbox.accept(change('TICKET-1', 'TWO'));
      expect(await outbox.cancel(first)).toBe(true);
      expect(await outbox.cancel(first)).toBe(false);
      await outbox.run(delivering());
      const [only] = await until(ended('done'));
      expect(only).toMatchObject({ change: { event: 'TWO' } });
    });

    test('a change waits for its time, and nobody waits for it', async () => {
      const { outbox, until } = await start();
      const seen: string[] = [];
      const notBefore = new Date(Date.now() + 300);
      await outbox.accept(change('TICKET-1', 'LATER'), { notBefore });
      await outbox.accept(change('TICKET-1', 'NOW'));
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1, later: 1 });
      await outbox.run(
        delivering((delivery) => {
          seen.push(eventOf(delivery));
          return { kind: 'done' };
        }),
      );
      await until(ended('done'), 2);
      expect(seen).toEqual(['NOW', 'LATER']);
      expect(Date.now()).toBeGreaterThanOrEqual(notBefore.getTime());
    });

    test('a timer is dropped when its ticket leaves the state it was set for', async () => {
      const { outbox, until } = await start();
      const notBefore = new Date(Date.now() + 60_000);
      await outbox.accept(change('TICKET-1', 'CLOSE', { whileIn: 'resolved' }), { notBefore });
      await outbox.accept(change('TICKET-2', 'CLOSE', { whileIn: 'resolved' }), { notBefore });
      await outbox.accept(change('TICKET-1', 'REOPEN'));
      await outbox.run(delivering(() => ({ kind: 'done', state: 'open' })));
      await until(ended('done'));
      expect(await outbox.inspect.depth()).toMatchObject({ later: 1 });
    });

    test('a change sets off others for later, and leaving its state drops them', async () => {
      const { outbox, until } = await start();
      const seen: string[] = [];
      const week = 7 * 24 * 60 * 60 * 1000;
      const closing = { ...change('TICKET-1', 'CLOSE'), whileIn: 'resolved' };
      const later = [{ change: closing, notBefore: new Date(Date.now() + week) }];
      await outbox.accept(change('TICKET-1', 'RESOLVE'));
      await outbox.run(
        delivering((delivery) => {
          seen.push(eventOf(delivery));
          return seen.length === 1
            ? { kind: 'done', state: 'resolved', later }
            : { kind: 'done', state: 'open' };
        }),
      );
      await until(ended('done'));
      expect(await outbox.inspect.depth()).toMatchObject({ later: 1 });
      await outbox.accept(change('TICKET-1', 'REOPEN'));
      await until(ended('done'), 2);
      expect(await outbox.inspect.depth()).toMatchObject({ later: 0, waiting: 0 });
      expect(seen).toEqual(['RESOLVE', 'REOPEN']);
    });

    test('what could never be delivered does not hold up the one that sets it off', async () => {
      const { outbox, until } = await start();
      const wrong = { change: change('', 'CLOSE'), notBefore: new Date() };
      await outbox.accept(change('TICKET-1'));
      await outbox.run(delivering(() => ({ kind: 'done', later: [wrong] })));
      await until(ended('done'));
      expect(await until(({ type }) => type === 'error')).toMatchObject([
        { error: { name: 'InvalidChangeError' } },
      ]);
    });

    test('a timer can be taken back', async () => {
      const { outbox } = await start();
      const id = await outbox.accept(change('TICKET-1'), {
        notBefore: new Date(Date.now() + 60_000),
      });
      expect(await outbox.cancel(id)).toBe(true);
      expect(await outbox.inspect.depth()).toMatchObject({ later: 0 });
    });

    test('counts the depth of one key', async () => {
      const { outbox } = await start();
      await outbox.accept(change('TICKET-1', 'START', { key: 'north' }));
      await outbox.accept(change('TICKET-1', 'START', { key: 'south' }));
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 2 });
      expect(await outbox.inspect.depth('north')).toMatchObject({ waiting: 1 });
    });

    test('gives back at closing what it has not sent', async () => {
      const { outbox, until } = await start();
      await outbox.accept(change('TICKET-1'));
      const begun = Promise.withResolvers<void>();
      await outbox.run(async ({ signal }) => {
        begun.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        return { kind: 'retry', reason: 'cut short', delayMs: 0 };
      });
      await begun.promise;
      await outbox.close({ drainMs: 1 });
      expect(await until(ended('retry'))).toHaveLength(1);
    });

    test('refuses what could never be delivered, and does not show it', async () => {
      const { outbox } = await start();
      for (const key of ['sk/secret-key', 'my key', 'schlüssel', '', 'k'.repeat(101)]) {
        await expect(outbox.accept(change('TICKET-1', 'START', { key }))).rejects.toThrow(
          'accept: "key" must be a name of at most 100 characters: English letters, digits and any of "_.@:-".',
        );
      }
      await expect(outbox.accept(change('..'))).rejects.toThrow('"ticketId"');
      await expect(outbox.accept(change('TICKET-1', ''))).rejects.toThrow('"event"');
    });

    test.each([
      [{ kee: 'north' }, 'no field "kee". Expected one of ticketId, event, staffUserId, key,'],
      [{ type: 'START' }, 'no field "type". Expected one of'],
      [{ notBefore: new Date() }, 'no field "notBefore". It is an option: accept(change, {'],
      [{ priority: 1 }, 'no field "priority". It is an option: accept(change, { priority })'],
      [{ tx: 'a' }, 'no field "tx". It is an option: accept(change, { tx })'],
    ])('passes over no field that a change does not have: %o', async (field, message) => {
      const { outbox } = await start();
      const asked = { ...change('TICKET-1'), ...field };
      await expect(outbox.accept(asked)).rejects.toThrow(InvalidChangeError);
      await expect(outbox.accept(asked)).rejects.toThrow(message);
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
    });

    test('passes over no option that does not exist, for one change and for many', async () => {
      const { outbox } = await start();
      const options = { notBfore: new Date() } as { notBefore?: Date };
      const message = 'unknown option "notBfore". Expected one of id, notBefore, priority, tx.';
      const one = change('TICKET-1');
      await expect(outbox.accept(one, options)).rejects.toThrow(message);
      await expect(outbox.acceptMany([{ change: one, ...options }])).rejects.toThrow(message);
      // Those of each change stand beside it: for all of them they would be passed over.
      const forAll = { notBefore: new Date(Date.now() + 60_000) } as object;
      const asked = outbox.acceptMany([{ change: one }], forAll);
      await expect(asked).rejects.toThrow('unknown option "notBefore". Expected one of tx.');
      const beside = [{ change: one, tx: 'a' }] as never;
      await expect(outbox.acceptMany(beside)).rejects.toThrow('acceptMany(changes, { tx })');
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
    });

    test('refuses what could not be stored as it is', async () => {
      const { outbox } = await start();
      const circle: Record<string, unknown> = {};
      circle['again'] = circle;
      let deep: unknown = null;
      for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
      const throwing = Object.defineProperty({}, 'a', {
        enumerable: true,
        get: () => {
          throw new Error('no');
        },
      });
      for (const context of ['a\0b', { '\ud800': 1 }, ['\ud83d'], circle, deep, throwing]) {
        const asked = outbox.accept(change('TICKET-1', 'START', { context }));
        await expect(asked).rejects.toThrow('accept: the change must be plain JSON.');
      }
      await expect(outbox.accept(null as never)).rejects.toThrow(InvalidChangeError);
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
    });

    test('refuses what is so large that a claim of many could not hold it', async () => {
      const { outbox } = await start();
      const large = (length: number) =>
        outbox.accept(change('TICKET-1', 'START', { context: 'x'.repeat(length) }));
      await expect(large(100_000)).rejects.toThrow('may have at most 100000 characters as JSON');
      await large(99_000);
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
    });

    class Roles {
      lead = true;
    }
    test.each([
      [{ holds: new Set(['legal']) }, '"context.holds" is of the class Set. Pass an array'],
      [{ a: [{ roles: new Map() }] }, '"context.a[0].roles" is of the class Map. Pass Object.from'],
      [{ at: new Date(0) }, '"context.at" is of the class Date. Pass its toISOString().'],
      [new Roles(), '"context" is of the class Roles. Pass a plain object'],
      [{ toJSON: () => 1 }, '"context.toJSON" is a function.'],
      [{ amount: NaN }, '"context.amount" is NaN.'],
      [{ amount: -Infinity }, '"context.amount" is -Infinity.'],
      [{ amount: 1n }, '"context.amount" is a bigint. Pass a number or a text.'],
      [{ f() {} }, '"context.f" is a function.'],
      [{ s: Symbol('s') }, '"context.s" is a symbol.'],
      [{ [Symbol('s')]: 1 }, '"context" is a holder of Symbol(s).'],
      [[1, undefined], '"context[1]" is undefined. Pass null instead.'],
      [/a/.exec('a'), '"context" is an array with fields of its own.'],
    ])('refuses what would come back as something else: %o', async (context, message) => {
      const { outbox } = await start();
      for (const one of [{ context }, { event: { type: 'START', context } }]) {
        const place = 'event' in one ? message.replace('"context', '"event.context') : message;
        await expect(outbox.accept(change('TICKET-1', 'START', one))).rejects.toThrow(
          `accept: the change must be plain JSON. ${place}`,
        );
      }
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
    });

    test('gives back what it was given, without what is undefined', async () => {
      const { outbox } = await start();
      const shared = { yes: true };
      const plain = { text: 'é', none: null, list: [1, -0.5, [shared, shared]], no: undefined };
      const context = Object.assign(Object.create(null) as object, plain);
      const id = await outbox.accept(change('TICKET-1', 'START', { context }));
      const { no, ...stored } = plain;
      expect((await outbox.inspect.change(id))?.change.context).toStrictEqual(stored);
      expect(no).toBeUndefined();
    });

    test('refuses two statements of where the ticket is', async () => {
      const { outbox } = await start();
      const both = change('TICKET-1', 'START', { from: 'open', whileIn: 'open' });
      await expect(outbox.accept(both)).rejects.toThrow(
        'accept: a change has "from" or "whileIn", and not both. Give "whileIn" alone',
      );
    });

    test.each([
      { notBefore: new Date(NaN) },
      { notBefore: new Date(8.64e15) },
      { notBefore: new Date(-1e14) },
      { notBefore: '2030-01-01' as never },
      { priority: NaN },
      { priority: 1.5 },
      { priority: 2 ** 31 },
    ])('does not deliver at once what it was to deliver at no time: %o', async (options) => {
      const { outbox } = await start();
      await expect(outbox.accept(change('TICKET-1'), options)).rejects.toThrow(InvalidChangeError);
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0, later: 0 });
    });

    test('a reason that no database can keep holds up nobody', async () => {
      const { outbox, until } = await start();
      for (const ticket of [1, 2, 3, 4]) await outbox.accept(change(`TICKET-${ticket}`));
      await outbox.run(
        delivering(({ change: { ticketId }, note }) => {
          note('answered', `x${'😀'.repeat(200)}`);
          const codes = [`x${'😀'.repeat(60)}`];
          if (ticketId === 'TICKET-1') return { kind: 'dead', reason: 'said \0 and \ud83d', codes };
          if (ticketId === 'TICKET-2') throw new Error(`${'x'.repeat(5000)} \0`);
          if (ticketId === 'TICKET-3') return { kind: 'retry', reason: 'no', delayMs: -1e300 };
          return { kind: 'done', note: '\0', state: 'open' };
        }),
      );
      await until(ended('done'));
      await until(ended('retry'), 2);
      await until(ended('dead'));
      expect(await outbox.inspect.dead()).toMatchObject([{ reason: 'said \uFFFD and \uFFFD' }]);
    });

    test('something thrown that can not be shown ends no process', async () => {
      const { outbox, until } = await start();
      await outbox.accept(change('TICKET-1'));
      let tries = 0;
      await outbox.run(
        delivering(() => {
          tries += 1;
          if (tries > 1) return { kind: 'done' };
          throw { toString: null };
        }),
      );
      expect(await until(ended('retry'))).toMatchObject([
        { reason: 'no reason that could be shown' },
      ]);
      await until(ended('done'));
    });

    test('whoever listens ends no delivery and no process by what it throws', async () => {
      const told: string[] = [];
      const { outbox } = await start({
        async onEvent({ type }) {
          told.push(type);
          throw new Error('a broken log');
        },
      });
      const seen = Promise.withResolvers<void>();
      await outbox.accept(change('TICKET-1'));
      await outbox.run(
        delivering(({ change: { ticketId } }) => {
          if (ticketId === 'TICKET-2') seen.resolve();
          return { kind: 'done' };
        }),
      );
      await outbox.accept(change('TICKET-2'));
      await seen.promise;
      await outbox.close();
      expect(told).toEqual(['ended', 'ended']);
    });

    test('a delay that is no number does not use up the attempts', async () => {
      const { outbox, until, events } = await start();
      await outbox.accept(change('TICKET-1'));
      await outbox.run(
        delivering(() => ({ kind: 'retry', reason: 'no connection', delayMs: Infinity })),
      );
      await until(ended('retry'));
      expect(await outbox.inspect.depth()).toMatchObject({ retrying: 1 });
      expect(events.filter(ended('dead'))).toEqual([]);
    });

    test('what a person saw to is no longer remembered', async () => {
      const { outbox, until } = await start();
      const known: unknown[] = [];
      for (const event of ['ONE', 'WRONG', 'THREE']) await outbox.accept(change('TICKET-1', event));
      await outbox.run(
        delivering((delivery) => {
          known.push(delivery.known?.state);
          if (eventOf(delivery) === 'WRONG') return { kind: 'dead', reason: 'no such way' };
          return { kind: 'done', state: 'in-progress' };
        }),
      );
      const [dead] = await until(ended('dead'));
      expect(dead?.type === 'ended' && (await outbox.skip(dead.id, 'done by hand'))).toBe(true);
      await until(ended('done'), 2);
      expect(known).toEqual([undefined, 'in-progress', undefined]);
    });

    test('what is tried again finds what was remembered, as something old', async () => {
      const { outbox, until } = await start();
      const known: DeliveryJob['known'][] = [];
      for (const event of ['ONE', 'WRONG']) await outbox.accept(change('TICKET-1', event));
      await outbox.run(
        delivering((delivery) => {
          known.push(delivery.known);
          if (known.length === 2) return { kind: 'dead', reason: 'no such way' };
          return { kind: 'done', state: 'waiting' };
        }),
      );
      const [dead] = await until(ended('dead'));
      expect(dead?.type === 'ended' && (await outbox.redrive(dead.id))).toBe(true);
      await until(ended('done'), 2);
      expect(known.map((one) => one?.state)).toEqual([undefined, 'waiting', 'waiting']);
      expect(Date.now() - (known[1]?.seenAt ?? 0)).toBeLessThan(30_000);
      // So old that the ticket is read.
      expect(Date.now() - (known[2]?.seenAt ?? 0)).toBeGreaterThan(60_000);
    });

    test('a change in doubt knows when its request can have left', async () => {
      const { outbox, until } = await start();
      const doubts: DeliveryJob['doubt'][] = [];
      const begun: number[] = [];
      await outbox.accept(change('TICKET-1'));
      await outbox.run(
        // Not in a slot of its own: the moments count from when the delivery is called.
        async ({ doubt }) => {
          begun.push(performance.now());
          doubts.push(doubt);
          await new Promise((resolve) => setTimeout(resolve, 60));
          if (doubts.length === 1) throw new Error('no answer');
          if (doubts.length === 2) {
            return { kind: 'read-again', reason: 'too early', delayMs: 50, isOutage: true };
          }
          if (doubts.length === 3) return { kind: 'retry', reason: 'untouched', delayMs: 1 };
          if (doubts.length === 4) throw new Error('no answer again');
          return { kind: 'done' };
        },
      );
      await until(ended('done'));
      const agoMs = (at: number, since: number) => (begun[at] ?? 0) - (begun[since] ?? 0);
      expect(doubts.map((doubt) => doubt !== undefined)).toEqual([false, true, true, false, true]);
      for (const [at, since] of [
        [1, 0],
        // Of the first claim still, however often it was read.
        [2, 0],
        // What was proven untouched and sent anew began anew.
        [4, 3],
      ] as const) {
        const { sinceMs = 0, fromMs = 0 } = doubts[at] ?? {};
        // Neither side counts what lies between its clock and the call.
        expect(fromMs).toBeGreaterThanOrEqual(agoMs(at, since) - 50);
        expect(sinceMs).toBeLessThanOrEqual(agoMs(at, since) - 59);
        expect(fromMs).toBeLessThan(agoMs(at, since) + 30_000);
      }
    });

    test('knows no change by something that is no id', async () => {
      const { outbox } = await start();
      for (const id of ['', 'x', '00000000-0000-0000-0000-000000000000']) {
        expect(await outbox.cancel(id)).toBe(false);
        expect(await outbox.redrive(id)).toBe(false);
        expect(await outbox.skip(id, 'by hand')).toBe(false);
      }
    });

    test('a request of others that waits for a slot leaves when it said it would', async () => {
      const { outbox } = await start();
      const { rateLimiter } = outbox;
      const lease = await rateLimiter.acquire('default', 'TICKET-1');
      // The lane is taken, so nobody can have it before.
      const late = rateLimiter.acquire('default', 'TICKET-1', { maxWaitMs: 1 });
      await expect(late).rejects.toThrow(WaitExpiredError);
      const waiting = rateLimiter.acquire('default', 'TICKET-1');
      await Promise.all([expect(waiting).rejects.toThrow(LimiterClosedError), outbox.close()]);
      await expect(rateLimiter.acquire('default', 'TICKET-2')).rejects.toThrow(LimiterClosedError);
      lease.release({ kind: 'answered' });
    });

    test('runs once, and does nothing after it was closed', async () => {
      const { outbox } = await start();
      await expect(outbox.run(undefined as never)).rejects.toThrow('option "deliver"');
      await outbox.run(delivering());
      await expect(outbox.run(delivering())).rejects.toThrow('runs in this process already');
      await expect(outbox.close({ drainMs: NaN })).rejects.toThrow('option "drainMs"');
      await outbox.close();
      await outbox.close();
      await expect(outbox.run(delivering())).rejects.toThrow('is closed');
      await expect(outbox.accept(change('TICKET-1'))).rejects.toThrow('is closed');
    });

    test('closes without a delivery that hangs, and leaves it in doubt', async () => {
      const { outbox, events } = await start({ timeoutMs: 1 });
      await outbox.accept(change('TICKET-1'));
      const begun = Promise.withResolvers<DeliveryJob>();
      const hangs = Promise.withResolvers<never>();
      await outbox.run((delivery) => {
        begun.resolve(delivery);
        return hangs.promise;
      });
      const delivery = await begun.promise;
      await outbox.close({ drainMs: 0 });
      await expect(delivery.ensureHeld()).rejects.toThrow(FencedError);
      expect(delivery.signal.aborted).toBe(true);
      expect(await outbox.inspect.depth()).toMatchObject({ underWay: 0, retrying: 1 });
      expect(events.filter(ended())).toEqual([]);
    });
  });
}
