import { afterEach, describe, expect, test } from 'vitest';
import type { Ending, Outbox, OutboxEvent, OutboxOptions } from '../../src/index.ts';
import { change, delivering, ended, trialOf, type Trial } from './trial.ts';

/** What every backend guarantees about keys that fail, and keys that are paused. */
export function circuitContract<Tx>(
  backend: string,
  open: (options: OutboxOptions) => Promise<Outbox<Tx>>,
): void {
  describe(`the keys of an outbox ${backend}`, () => {
    const outboxes: Outbox<Tx>[] = [];
    const start = async (options: OutboxOptions = {}): Promise<Trial<Tx>> => {
      const trial = await trialOf((onEvent) => open({ onEvent, ...options }));
      outboxes.push(trial.outbox);
      return trial;
    };
    afterEach(async () => {
      for (const outbox of outboxes.splice(0)) await outbox.close();
    });
    const isOf = (type: OutboxEvent['type']) => (event: OutboxEvent) => event.type === type;
    const isDone = (ticket: string) => (event: OutboxEvent) =>
      ended('done')(event) && event.type === 'ended' && event.change.ticketId.startsWith(ticket);
    const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

    /** Changes of two keys: of the first key's, each a ticket of its own. */
    async function acceptFor(outbox: Outbox<Tx>, count: number) {
      for (let at = 0; at < count; at += 1) {
        await outbox.accept(change(`NORTH-${at}`, 'START', { key: 'north' }));
      }
      await outbox.accept(change('SOUTH-0', 'START', { key: 'south' }));
    }

    const unusable = [
      { kind: 'retry', reason: 'The key is revoked.', keyFault: 'unusable' },
      {
        kind: 'read-again',
        reason: 'The vault is down.',
        delayMs: 1,
        isOutage: true,
        keyFault: 'unusable',
      },
      { kind: 'in-doubt', reason: 'No answer came.', delayMs: 1, keyFault: 'silent' },
    ] as const satisfies readonly Ending[];

    test.each(unusable)(
      'a key that fails pauses, is shown and tried, uses up no attempt, and goes on: $reason',
      async (fault) => {
        const { outbox, events, until } = await start({ maxAttempts: 1 });
        let isBroken = true;
        let tries = 0;
        await acceptFor(outbox, 8);
        await outbox.run(
          delivering(({ key }) => {
            if (key === 'south' || !isBroken) return { kind: 'done' };
            tries += 1;
            return fault;
          }),
        );
        await until(isOf('paused'));
        await until(isDone('SOUTH'));
        const before = tries;
        const [paused, ...others] = await outbox.inspect.paused();
        expect([paused, others]).toMatchObject([
          { key: 'north', by: 'fault', reason: fault.reason, tickets: expect.any(Number) },
          [],
        ]);
        expect(paused?.since.getTime()).toBeLessThan(Date.now() + 1000);
        expect(paused?.nextTryAt?.getTime()).toBeGreaterThan(Number(paused?.since.getTime()));
        const blocked = await outbox.inspect.blocked();
        expect(blocked.filter(({ kind }) => kind === 'paused').length).toBeGreaterThan(0);
        for (const { kind, reason } of blocked) {
          if (kind === 'paused') expect(reason).toBe(`Its key is paused. ${fault.reason}`);
        }
        // A probe at a time: after a second, and after two more.
        await until(ended('retry'), before + 1);
        expect(tries - before).toBeLessThanOrEqual(1);
        await until(ended('retry'), before + 2);
        isBroken = false;
        await until(isOf('resumed'));
        await until(isDone('NORTH'), 8);
        expect(await outbox.inspect.paused()).toEqual([]);
        expect(events.filter(ended('dead'))).toEqual([]);
        expect(events.filter(ended('unknown'))).toEqual([]);
        expect(events.filter(isOf('paused'))).toHaveLength(1);
      },
    );

    test('one request without an answer does not pause a key whose others are answered', async () => {
      const { outbox, events, until } = await start();
      await acceptFor(outbox, 6);
      const late = new Set<string>();
      await outbox.run(
        delivering(async ({ change: { ticketId }, attempt }) => {
          if (attempt === 1 && late.size < 2) {
            late.add(ticketId);
            return { kind: 'in-doubt', reason: 'no answer', delayMs: 1, keyFault: 'silent' };
          }
          return { kind: 'done' };
        }),
      );
      await until(ended('done'), 7);
      expect(events.filter(isOf('paused'))).toEqual([]);
    });

    test('one ticket that its key fails for keeps no other waiting, and uses up its own attempts', async () => {
      const { outbox, events, until } = await start({ maxAttempts: 2 });
      const bad = await outbox.accept(change('BAD', 'START', { key: 'north' }), { priority: 5 });
      await outbox.run(
        delivering(({ change: { ticketId } }) =>
          ticketId === 'BAD'
            ? { kind: 'retry', reason: 'forbidden', keyFault: 'unusable' }
            : { kind: 'done' },
        ),
      );
      await until(isOf('paused'));
      await acceptFor(outbox, 4);
      await until(isDone('NORTH'), 4);
      await until(ended('dead'));
      expect(await outbox.inspect.dead()).toMatchObject([
        { id: bad, reason: 'forbidden (given up after 2 attempts)' },
      ]);
      // For the first fault, when nothing was known of the key.
      expect(events.filter(isOf('paused'))).toHaveLength(1);
      expect(await outbox.inspect.paused()).toEqual([]);
    });

    test('a key that is revoked pauses and stays so, also by a ticket for which it failed before', async () => {
      const { outbox, events, until } = await start({ maxAttempts: 4 });
      const tries: string[] = [];
      let isRevoked = false;
      await outbox.accept(change('STALE', 'START', { key: 'north' }));
      await outbox.run(
        delivering(({ change: { ticketId } }) => {
          tries.push(ticketId);
          return isRevoked || ticketId === 'STALE'
            ? { kind: 'retry', reason: 'revoked', keyFault: 'unusable' }
            : { kind: 'done' };
        }),
      );
      await until(isOf('paused'));
      // Its turn comes last, so the key works for others first.
      await outbox.accept(change('NORTH-0', 'START', { key: 'north' }), { priority: 5 });
      await until(isDone('NORTH'));
      isRevoked = true;
      await outbox.accept(change('LATE', 'START', { key: 'north' }), { priority: 5 });
      await until(isOf('paused'), 2);
      const before = tries.length;
      // Probes, of both.
      await until(({ type }) => type === 'ended' && tries.slice(before).includes('STALE'));
      await until(ended('retry'), events.filter(ended('retry')).length + 1);
      expect(events.filter(isOf('resumed'))).toHaveLength(1);
      expect(events.filter(ended('dead'))).toEqual([]);
      expect(await outbox.inspect.paused()).toMatchObject([{ key: 'north', by: 'fault' }]);
    });

    test('a key that failed goes on as soon as a ticket is read with it, whatever that says', async () => {
      const { outbox, events, until } = await start();
      let answer: Ending = { kind: 'retry', reason: 'The vault is down.', keyFault: 'unusable' };
      await acceptFor(outbox, 3);
      await outbox.run(delivering(({ key }) => (key === 'south' ? { kind: 'done' } : answer)));
      await until(isOf('paused'));
      const again = {
        kind: 'read-again',
        reason: 'It may still be under way.',
        delayMs: 50,
      } as const;
      answer = { ...again, isOutage: true, keyWorks: true };
      await until(isOf('resumed'));
      expect(events.filter(isDone('NORTH'))).toEqual([]);
      answer = { kind: 'done' };
      await until(isDone('NORTH'), 3);
      expect(await outbox.inspect.paused()).toEqual([]);
    });

    test.each([
      { kind: 'dead', reason: 'forbidden by the lifecycle' },
      { kind: 'dropped', reason: 'no longer wanted' },
      { kind: 'retry', reason: 'a guard threw', delayMs: 1 },
      { kind: 'done', note: 'a step inside one status', askedNothing: true },
    ] as const satisfies readonly Ending[])(
      'a change that ends without a request shows nothing of its key: $kind',
      async (local) => {
        const { outbox, events, until } = await start({ maxAttempts: 1 });
        for (const at of [0, 1]) {
          await outbox.accept(change(`NORTH-${at}`, 'START', { key: 'north' }));
        }
        const failing = delivering(() => ({
          kind: 'retry',
          reason: 'revoked',
          keyFault: 'unusable',
        }));
        await outbox.run((delivery) =>
          delivery.change.ticketId.startsWith('LOCAL') ? Promise.resolve(local) : failing(delivery),
        );
        await until(isOf('paused'));
        for (let at = 0; at < 20; at += 1) {
          await outbox.accept(change(`LOCAL-${at}`, 'START', { key: 'north' }));
        }
        const isLocal = (event: OutboxEvent) =>
          event.type === 'ended' && event.change.ticketId.startsWith('LOCAL');
        // As no probe says anything, the next one does not wait.
        await until(isLocal, 20);
        await until(ended('retry'), events.filter(ended('retry')).length + 1);
        expect(events.filter(isOf('resumed'))).toEqual([]);
        expect(await outbox.inspect.paused()).toMatchObject([{ key: 'north', by: 'fault' }]);
        const held = await outbox.inspect.dead();
        expect(held.filter(({ change: { ticketId } }) => ticketId.startsWith('NORTH'))).toEqual([]);
      },
    );

    test('a key that is paused by hand waits until it is resumed by hand', async () => {
      const { outbox, events, until } = await start();
      await outbox.pause('north', 'The workspace moves.');
      await acceptFor(outbox, 2);
      // Also before a worker has seen them.
      expect(await outbox.inspect.paused()).toMatchObject([{ key: 'north', tickets: 2 }]);
      await outbox.run(delivering());
      await until(isDone('SOUTH'));
      await sleep(1500);
      expect(events.filter(ended())).toHaveLength(1);
      expect(await outbox.inspect.paused()).toMatchObject([
        { key: 'north', by: 'hand', reason: 'The workspace moves.', tickets: 2 },
      ]);
      expect((await outbox.inspect.paused())[0]).not.toHaveProperty('nextTryAt');
      expect(await outbox.inspect.blocked()).toMatchObject([
        { kind: 'paused', reason: 'Its key is paused. The workspace moves.' },
        { kind: 'paused' },
      ]);
      expect(await outbox.resume('north')).toBe(true);
      await until(isDone('NORTH'), 2);
      expect(await outbox.resume('north')).toBe(false);
      expect(await outbox.inspect.paused()).toEqual([]);
    });

    test('what is under way goes on in a pause, and does not end one that was made by hand', async () => {
      const { outbox, events, until } = await start();
      const begun = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      await outbox.accept(change('NORTH-0', 'ONE', { key: 'north' }));
      await outbox.accept(change('NORTH-0', 'TWO', { key: 'north' }));
      await outbox.run(
        delivering(async () => {
          begun.resolve();
          await goOn.promise;
          return { kind: 'done' };
        }),
      );
      await begun.promise;
      await outbox.pause('north', 'by hand');
      goOn.resolve();
      await until(ended('done'));
      await sleep(300);
      expect(events.filter(ended())).toHaveLength(1);
      await outbox.resume('north');
      await until(ended('done'), 2);
    });

    test('a key that failed goes on at once when it is resumed by hand', async () => {
      const { outbox, until } = await start();
      let isBroken = true;
      await acceptFor(outbox, 3);
      await outbox.run(
        delivering(({ key }) =>
          isBroken && key === 'north'
            ? { kind: 'retry', reason: 'revoked', keyFault: 'unusable' }
            : { kind: 'done' },
        ),
      );
      await until(isOf('paused'));
      isBroken = false;
      expect(await outbox.resume('north')).toBe(true);
      await until(isDone('NORTH'), 3);
    });

    test.each(['', 'a/b', undefined])('knows no key by the name %o', async (key) => {
      const { outbox } = await start();
      await expect(outbox.pause(key as string, 'why')).rejects.toThrow('"key" must be');
      await expect(outbox.resume(key as string)).rejects.toThrow('"key" must be');
    });
  });
}
