import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  InvalidChangeError,
  type Ending,
  type Outbox,
  type OutboxOptions,
} from '../../src/index.ts';
import { change, delivering, ended, eventOf, trialOf, type Trial } from './trial.ts';

/** What every backend guarantees for ids: accepting twice is once, and each change can be found. */
export function identityContract<Tx>(
  backend: string,
  open: (options: OutboxOptions) => Promise<Outbox<Tx>>,
): void {
  describe(`the id of a change ${backend}`, () => {
    const outboxes: Outbox<Tx>[] = [];
    const start = async (): Promise<Trial<Tx>> => {
      const trial = await trialOf((onEvent) => open({ onEvent }));
      outboxes.push(trial.outbox);
      return trial;
    };
    afterEach(async () => {
      for (const outbox of outboxes.splice(0)) await outbox.close();
    });
    const later = () => new Date(Date.now() + 60_000);

    /** Brings a change with this id into a state, and counts how often it is delivered. */
    const ways: Record<string, (trial: Trial<Tx>, id: string) => Promise<void>> = {
      waiting: async ({ outbox }, id) => void (await outbox.accept(change('TICKET-1'), { id })),
      later: async ({ outbox }, id) =>
        void (await outbox.accept(change('TICKET-1'), { id, notBefore: later() })),
      cancelled: async ({ outbox }, id) => {
        await outbox.accept(change('TICKET-1'), { id });
        await outbox.cancel(id);
      },
      ...Object.fromEntries(
        (['done', 'dropped', 'dead', 'unknown'] as const).map((kind) => [
          kind,
          async ({ outbox, until }: Trial<Tx>, id: string) => {
            await outbox.accept(change('TICKET-1'), { id });
            await outbox.run(delivering(() => ({ kind, reason: 'as it is' })));
            await until(ended(kind));
          },
        ]),
      ),
      retrying: async ({ outbox, until }, id) => {
        await outbox.accept(change('TICKET-1'), { id });
        await outbox.run(
          delivering(() => ({ kind: 'retry', reason: 'as it is', delayMs: 60_000 })),
        );
        await until(ended('retry'));
      },
      skipped: async ({ outbox, until }, id) => {
        await outbox.accept(change('TICKET-1'), { id });
        await outbox.run(delivering(() => ({ kind: 'dead', reason: 'no way' })));
        await until(ended('dead'));
        await outbox.skip(id, 'as it is');
      },
    };

    test.each(Object.keys(ways))('accepting it again changes nothing: %s', async (kind) => {
      const trial = await start();
      const id = randomUUID();
      await ways[kind]?.(trial, id);
      const before = await trial.outbox.inspect.change(id);
      expect(before).toMatchObject({ id, kind, change: { ticketId: 'TICKET-1', event: 'START' } });
      const hasReason = !['waiting', 'later', 'cancelled', 'done'].includes(kind);
      expect(before?.reason).toBe(hasReason ? 'as it is' : undefined);
      const depth = await trial.outbox.inspect.depth();

      const notBefore = kind === 'later' ? later() : undefined;
      expect(await trial.outbox.accept(change('TICKET-1'), { id, notBefore })).toBe(id);
      expect(await trial.outbox.inspect.change(id)).toEqual(before);
      expect({ ...(await trial.outbox.inspect.depth()), oldestMs: 0, oldestUnderWayMs: 0 }).toEqual(
        {
          ...depth,
          oldestMs: 0,
          oldestUnderWayMs: 0,
        },
      );
      const deliveries = trial.events.filter(ended()).length;
      await trial.outbox.accept(change('TICKET-2'));
      expect(deliveries).toBeLessThanOrEqual(1);
    });

    test('belongs to one change', async () => {
      const { outbox } = await start();
      const id = randomUUID();
      await outbox.accept(change('TICKET-1'), { id });
      for (const other of [change('TICKET-2'), change('TICKET-1', 'RESOLVE')]) {
        await expect(outbox.accept(other, { id })).rejects.toThrow(InvalidChangeError);
        await expect(
          outbox.acceptMany([{ change: change('TICKET-3') }, { change: other, id }]),
        ).rejects.toThrow('Another change has the id');
      }
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
    });

    test('belongs to one change also within one call', async () => {
      const { outbox } = await start();
      const id = randomUUID();
      const one = { change: change('TICKET-1'), id };
      await expect(
        outbox.acceptMany([one, { change: change('TICKET-1', 'RESOLVE'), id }]),
      ).rejects.toThrow('Another change has the id');
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });
      expect(await outbox.acceptMany([one, one])).toEqual([id, id]);
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
    });

    test.each(['', 'mine', 7, `${randomUUID()} `, null])('must be a UUID: %o', async (id) => {
      const { outbox } = await start();
      const asked = outbox.accept(change('TICKET-1'), { id: id as never });
      await expect(asked).rejects.toThrow('accept: "id" must be a UUID.');
      expect(await outbox.inspect.change(id as never)).toBeUndefined();
    });

    test('is the same in upper case for all that a person decides', async () => {
      const { outbox, until } = await start();
      const hangs = Promise.withResolvers<Ending>();
      const ids = ['SKIP', 'REDRIVE', 'CANCEL', 'HANG'].map((ticketId) => ({
        change: change(ticketId),
        id: randomUUID(),
        ...(ticketId === 'CANCEL' ? { notBefore: later() } : {}),
      }));
      await outbox.acceptMany(ids);
      const [skipped, redriven, cancelled, hanging] = ids.map(({ id }) => id.toUpperCase());
      const begun = Promise.withResolvers<void>();
      await outbox.run(async ({ change: { ticketId } }) => {
        if (ticketId !== 'HANG') return { kind: 'dead', reason: 'no way' };
        begun.resolve();
        return hangs.promise;
      });
      await until(ended('dead'), 2);
      await begun.promise;
      await outbox.pause('default', 'So that they stay as they are.');
      expect(await outbox.cancel(String(cancelled))).toBe(true);
      expect(await outbox.skip(String(skipped), 'by hand')).toBe(true);
      expect(await outbox.redrive(String(redriven))).toBe(true);
      expect(await outbox.giveBack(String(hanging))).toBe(true);
      expect(await outbox.inspect.why(String(hanging))).toMatchObject({ kind: 'retrying' });
      // What was wrong before says nothing of what comes.
      const record = await outbox.inspect.change(String(redriven));
      expect([record?.kind, record?.reason]).toEqual(['retrying', undefined]);
      hangs.resolve({ kind: 'done' });
    });

    test('belongs to the same change, whatever the order of its fields', async () => {
      const { outbox } = await start();
      const id = randomUUID();
      const one = { ...change('TICKET-1'), context: { a: 1, b: [{ c: 2, d: 3 }] } };
      const same = Object.fromEntries(Object.entries(one).toReversed()) as unknown as typeof one;
      await outbox.accept(one, { id });
      await outbox.accept({ ...same, context: { b: [{ d: 3, c: 2 }], a: 1 } }, { id });
      const other = outbox.accept({ ...one, context: { a: 1, b: [{ c: 3, d: 2 }] } }, { id });
      await expect(other).rejects.toThrow('Another change has the id');
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
    });

    test('is the same in upper case', async () => {
      const { outbox } = await start();
      const id = randomUUID();
      await outbox.accept(change('TICKET-1'), { id: id.toUpperCase() });
      await outbox.accept(change('TICKET-1'), { id });
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1 });
      expect(await outbox.inspect.change(id.toUpperCase())).toMatchObject({ id, kind: 'waiting' });
    });

    test('of a change that nobody accepted finds nothing', async () => {
      const { outbox } = await start();
      expect(await outbox.inspect.change(randomUUID())).toBeUndefined();
    });

    test('shows a change that is under way', async () => {
      const { outbox } = await start();
      const id = await outbox.accept(change('TICKET-1'));
      const begun = Promise.withResolvers<void>();
      const ends = Promise.withResolvers<void>();
      await outbox.run(async () => {
        begun.resolve();
        await ends.promise;
        return { kind: 'done' };
      });
      await begun.promise;
      expect(await outbox.inspect.change(id)).toMatchObject({ kind: 'underWay', attempts: 1 });
      ends.resolve();
    });

    test('several changes are accepted together, in their order, or none is', async () => {
      const { outbox, until } = await start();
      const steps = ['A', 'B', 'C', 'D'];
      const many = steps.map((event, at) => ({ change: change(`TICKET-${at % 2}`, event) }));
      const wrong = [...many, { change: change('..') }];
      await expect(outbox.acceptMany(wrong)).rejects.toThrow(InvalidChangeError);
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 0 });

      const ids = await outbox.acceptMany(many);
      expect(await outbox.acceptMany([])).toEqual([]);
      expect(new Set(ids).size).toBe(4);
      const seen: string[] = [];
      await outbox.run(
        delivering((delivery) => {
          seen.push(`${delivery.change.ticketId} ${eventOf(delivery)}`);
          expect(delivery.id).toBe(ids[steps.indexOf(eventOf(delivery))]);
          return { kind: 'done' };
        }),
      );
      await until(ended('done'), 4);
      expect(seen.filter((line) => line.startsWith('TICKET-0'))).toEqual([
        'TICKET-0 A',
        'TICKET-0 C',
      ]);
      expect(seen.filter((line) => line.startsWith('TICKET-1'))).toEqual([
        'TICKET-1 B',
        'TICKET-1 D',
      ]);
    });
  });
}
