import { ticketLifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMemoryStatusStore,
  createTicketWorkflow,
  type StatusStore,
  type WorkflowEvent,
} from '../../src/index.ts';
import { setUp, writesIn } from '../support/bench.ts';

const staffUserId = 7;

describe('a store that is slow', () => {
  /** A store whose writes take as long as is said, one after another. */
  function slowStore(sleep: (ms: number) => Promise<void>, ...takeMs: readonly number[]) {
    const kept = createMemoryStatusStore();
    let writes = 0;
    const slowly = async (write: () => void) => {
      const ms = takeMs[(writes += 1) - 1] ?? 0;
      if (ms > 0) await sleep(ms);
      write();
    };
    const store: StatusStore = {
      get: (ticketId) => kept.get(ticketId),
      set: (ticketId, known) => slowly(() => void kept.set(ticketId, known)),
      delete: (ticketId) => slowly(() => void kept.delete(ticketId)),
    };
    return { store, kept };
  }

  const patterns = fc.array(fc.constantFrom(0, 1, 9000, 11_000, 25_000, 61_000), { maxLength: 8 });

  test('ends with what was noted last, whichever write takes how long', async () => {
    await fc.assert(
      fc.asyncProperty(patterns, async (takeMs) => {
        const bench = setUp();
        const { clock, client } = bench;
        const { store, kept } = slowStore(clock.sleep, ...takeMs);
        const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, store });
        const by = { staffUserId };
        await clock.run(workflow.apply('T-open', 'START', by));
        await clock.run(workflow.apply('T-open', 'RESOLVE', by));
        await clock.advance(300_000);
        expect((await kept.get('T-open'))?.state).toBe('resolved');
      }),
      { numRuns: 60 },
    );
  });

  test('does not bring back an older state behind a newer one, which would be sent again', async () => {
    const bench = setUp();
    const { clock, client, sandbox } = bench;
    // The second write is that of the first change's end.
    const { store } = slowStore(clock.sleep, 0, 0, 25_000);
    const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, store });
    const by = { staffUserId };
    for (const event of ['START', 'RESOLVE'] as const) {
      await clock.run(workflow.apply('T-open', event, by));
    }
    await clock.advance(20_000);
    const again = await clock.run(workflow.apply('T-open', 'RESOLVE', by));
    expect(again.kind).toBe('unchanged');
    expect(sandbox.systemMessages).toHaveLength(2);
  });
});

test.each<[string, unknown]>([
  ['a text', 'open'],
  ['a list', []],
  ['a number', 7],
  ['an empty object', {}],
  ['a time as a text', { state: 'in-progress', seenAt: '1000000' }],
  ['a time as a big number', { state: 'in-progress', seenAt: 1_000_000n }],
  ['a time that is none', { state: 'in-progress', seenAt: Number.NaN }],
  ['an entrance as a date', { state: 'open', seenAt: 1_000_000, enteredAt: new Date(0) }],
  ['a state that is no text', { state: 5, seenAt: 1_000_000 }],
])('a store that gives %s remembers nothing, and is reported', async (_, given) => {
  const store: StatusStore = { get: () => given as never, set() {}, delete() {} };
  const { clock, workflow, sandbox } = setUp({ store });
  const failed: WorkflowEvent[] = [];
  workflow.on((event) => void (event.type === 'store-failed' && failed.push(event)));
  const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
  expect(outcome.kind).toBe('confirmed');
  expect(writesIn(sandbox)).toHaveLength(1);
  expect((await clock.run(workflow.observe('T-open'))).status).toBe('in-progress');
  expect(failed.length).toBeGreaterThan(0);
});
