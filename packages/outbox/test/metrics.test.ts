import { expect, test } from 'vitest';
import { createMemoryOutbox, measureOutbox, type Ending } from '../src/index.ts';
import { change, delivering } from './support/trial.ts';

/** A meter that collects when it is told to. */
function createMeter() {
  type Callback = Parameters<Parameters<typeof measureOutbox>[1]['addBatchObservableCallback']>[0];
  const callbacks = new Set<Callback>();
  const recorded: [name: string, kind: string, value: number][] = [];
  return {
    callbacks,
    recorded,
    meter: {
      createObservableGauge: (name: string) => name,
      createObservableCounter: (name: string) => name,
      createCounter: (name: string) => ({
        add: (value: number, { kind = '' } = {}) => void recorded.push([name, kind, value]),
      }),
      createHistogram: (name: string) => ({
        record: (value: number, { kind = '' } = {}) => void recorded.push([name, kind, value]),
      }),
      addBatchObservableCallback: (callback: Callback) => void callbacks.add(callback),
      removeBatchObservableCallback: (callback: Callback) => void callbacks.delete(callback),
    },
    collect: async () => {
      const seen: Record<string, number> = {};
      const observe = (gauge: unknown, value: number, attributes = {}) => {
        seen[[gauge, ...Object.values(attributes)].join(' ')] = value;
      };
      for (const callback of callbacks) await callback({ observe });
      return seen;
    },
  };
}

test('reports what waits and how much of each budget is used', async () => {
  const outbox = createMemoryOutbox();
  for (const event of ['START', 'RESOLVE']) {
    await outbox.accept(change('TICKET-1', event, { key: 'north' }));
  }
  const [sends, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<Ending>()];
  await outbox.run(
    delivering(() => {
      sends.resolve();
      return answer.promise;
    }),
  );
  await sends.promise;
  const { meter, collect, callbacks } = createMeter();
  const end = measureOutbox(outbox, meter);
  expect(await collect()).toMatchObject({
    'ticket_outbox.changes waiting': 1,
    'ticket_outbox.changes dead': 0,
    'ticket_outbox.blocked_tickets': 0,
    'ticket_outbox.budget_used north': 1 / 25,
    'ticket_outbox.limited north': 0,
  });
  end();
  expect(callbacks.size).toBe(0);
  answer.resolve({ kind: 'dead', reason: 'no' });
  await outbox.close();
});

test('counts ends by kind, and measures how long changes took', async () => {
  const ended = Promise.withResolvers<void>();
  const outbox = createMemoryOutbox({
    onEvent: (event) => event.type === 'ended' && event.kind === 'done' && ended.resolve(),
  });
  const { meter, recorded } = createMeter();
  const end = measureOutbox(outbox, meter);
  await outbox.accept(change('TICKET-1'));
  await outbox.run(
    delivering(({ attempt }) =>
      attempt === 1 ? { kind: 'retry', reason: 'away', delayMs: 100 } : { kind: 'done' },
    ),
  );
  await ended.promise;
  end();
  expect(recorded.map(([name, kind]) => [name, kind])).toEqual([
    ['ticket_outbox.ends', 'retry'],
    ['ticket_outbox.ends', 'done'],
    ['ticket_outbox.duration', 'done'],
  ]);
  // The second attempt came no earlier than that.
  expect(recorded[2]?.[2]).toBeGreaterThanOrEqual(90);
  await outbox.close();
});

test('has no more than fifty series of keys, however many keys there are', async () => {
  const all = Promise.withResolvers<void>();
  let left = 60;
  const outbox = createMemoryOutbox({
    onEvent: ({ type }) => type === 'ended' && (left -= 1) === 0 && all.resolve(),
  });
  for (let at = 0; at < left; at += 1) {
    await outbox.accept(change('TICKET-1', 'START', { key: `key-${at}` }));
  }
  await outbox.run(delivering());
  await all.promise;
  await outbox.pause('key-7', 'by hand');
  const { meter, collect } = createMeter();
  const end = measureOutbox(outbox, meter);
  const seen = await collect();
  const names = Object.keys(seen).filter((name) => name.startsWith('ticket_outbox.budget_used'));
  expect(names).toHaveLength(50);
  expect(seen).toMatchObject({
    'ticket_outbox.paused_keys fault': 0,
    'ticket_outbox.paused_keys hand': 1,
    'ticket_outbox.oldest_under_way': 0,
  });
  end();
  await outbox.close();
});
