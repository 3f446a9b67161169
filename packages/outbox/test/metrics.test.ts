import { expect, test } from 'vitest';
import { createMemoryOutbox, measureOutbox } from '../src/index.ts';
import { change } from './support/trial.ts';

/** A meter that collects when it is told to. */
function createMeter() {
  type Callback = Parameters<Parameters<typeof measureOutbox>[1]['addBatchObservableCallback']>[0];
  const callbacks = new Set<Callback>();
  return {
    callbacks,
    meter: {
      createObservableGauge: (name: string) => name,
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
  await outbox.accept(change('TICKET-1', 'START', { key: 'north' }));
  const { meter, collect, callbacks } = createMeter();
  const end = measureOutbox(outbox, meter);
  expect(await collect()).toMatchObject({
    'ticket_outbox.changes waiting': 1,
    'ticket_outbox.changes dead': 0,
    'ticket_outbox.blocked_tickets': 0,
    'ticket_outbox.budget_used north': 0,
    'ticket_outbox.limited north': 0,
  });
  end();
  expect(callbacks.size).toBe(0);
  await outbox.close();
});
