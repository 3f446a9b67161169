import { describe, expect, test } from 'vitest';
import {
  createMemoryStatusStore,
  createTicketWorkflow,
  toHttpAnswer,
  type KnownState,
  type StatusStore,
} from '../../src/index.ts';
import { setUp, writesIn } from '../support/bench.ts';
import { withWaiting as lifecycle } from '../support/with-waiting.ts';

const staffUserId = 7;
const day = 86_400_000;

type Fault = 'throws' | 'rejects' | 'hangs' | 'late' | undefined;

/** A store that is away for a while. */
function setUpAway() {
  const kept = createMemoryStatusStore();
  let fault: Fault;
  const bench = setUp({ lifecycle });
  const write = (doIt: () => void): Promise<void> | void => {
    switch (fault) {
      case 'throws':
        throw new Error('disk full');
      case 'rejects':
        return Promise.reject(new Error('disk full'));
      case 'hangs':
        return new Promise<never>(() => {});
      case 'late':
        return bench.clock.sleep(11_000).then(doIt);
      default:
        return doIt();
    }
  };
  const store: Required<StatusStore> = {
    ...kept,
    set: (ticketId, known) => write(() => void kept.set(ticketId, known)),
    delete: (ticketId) => write(() => void kept.delete(ticketId)),
  };
  const { client } = bench;
  const open = () => createTicketWorkflow({ lifecycle, client, store });
  const be = (how: Fault) => {
    fault = how;
  };
  const keptOf = (ticketId: string) => kept.get(ticketId) as KnownState | undefined;
  return { ...bench, workflow: open(), be, keptOf, kept, store };
}

describe('a step inside one status that the store', () => {
  test.each(['throws', 'rejects', 'hangs', 'late'] as const)(
    '%s for is not made: here and in the next process the ticket is where it was',
    async (how) => {
      const { clock, workflow, sandbox, be, keptOf } = setUpAway();
      await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
      be(how);
      const outcome = await clock.run(workflow.apply('T-open', 'ASK', { staffUserId }));
      expect(outcome).toMatchObject({
        kind: 'not-sent',
        from: 'in-progress',
        to: 'waiting',
        attempts: 0,
        error: {
          reason: 'not-kept',
          message: expect.stringContaining('ASK of T-open was not kept: '),
        },
      });
      expect(toHttpAnswer(outcome)).toMatchObject({ status: 503, body: { reason: 'not-kept' } });
      expect(await clock.run(workflow.where('T-open'))).toMatchObject({ state: 'in-progress' });
      be(undefined);
      await clock.advance(60_000);
      await clock.run(workflow.close());
      expect(keptOf('T-open')?.state).toBe('in-progress');
      expect(writesIn(sandbox)).toHaveLength(1);
    },
  );

  test('takes again is made, and its time begins then', async () => {
    const { clock, workflow, be, keptOf } = setUpAway();
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    be('rejects');
    await clock.run(workflow.apply('T-open', 'ASK', { staffUserId }));
    be(undefined);
    await clock.advance(5000);
    const again = await clock.run(workflow.apply('T-open', 'ASK', { staffUserId }));
    expect(again).toMatchObject({ kind: 'confirmed', by: 'lifecycle' });
    expect(keptOf('T-open')?.enteredAt).toBe(clock.now());
    await clock.advance(2 * day);
    const due = await clock.run(workflow.runDue(clock.now(), { staffUserId }));
    expect(due).toMatchObject([{ kind: 'confirmed', from: 'waiting', event: 'GIVE_UP' }]);
  });

  test('fails for ends the move that it belongs to', async () => {
    const { clock, workflow, be } = setUpAway();
    await clock.run(workflow.observe('T-in-progress'));
    be('throws');
    const move = await clock.run(workflow.moveTo('T-in-progress', 'waiting', { staffUserId }));
    expect(move).toMatchObject({ arrived: false, outcome: { error: { reason: 'not-kept' } } });
  });

  test('never had leaves nothing behind', async () => {
    const { clock, workflow, be, keptOf } = setUpAway();
    be('throws');
    const options = { staffUserId, from: 'in-progress' } as const;
    await clock.run(workflow.apply('T-in-progress', 'ASK', options));
    be(undefined);
    await clock.run(workflow.close());
    expect(keptOf('T-in-progress')).toBeUndefined();
  });
});

describe('what a store has not taken', () => {
  async function setUpUnstored(how: Fault = 'rejects') {
    const bench = setUpAway();
    const { clock, workflow, be, keptOf } = bench;
    for (const id of ['T-open', 'T-resolved']) await clock.run(workflow.observe(id));
    be(how);
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    await clock.run(workflow.apply('T-resolved', 'REOPEN', { staffUserId }));
    expect(keptOf('T-open')?.state).toBe('open');
    be(undefined);
    return bench;
  }

  test('is written when a later write of another ticket succeeds', async () => {
    const { clock, workflow, keptOf } = await setUpUnstored();
    await clock.run(workflow.observe('T-in-progress'));
    await clock.advance(1);
    expect(keptOf('T-open')?.state).toBe('in-progress');
    expect(keptOf('T-resolved')?.state).toBe('open');
  });

  test.each(['throws', 'rejects'] as const)('is written by close (it %s)', async (how) => {
    const { clock, workflow, keptOf } = await setUpUnstored(how);
    await clock.run(workflow.close());
    expect(keptOf('T-open')?.state).toBe('in-progress');
    expect(keptOf('T-resolved')?.state).toBe('open');
  });

  test('does not replace what another process has noted since', async () => {
    const { clock, workflow, kept, keptOf } = await setUpUnstored();
    await clock.advance(1000);
    await kept.set('T-open', { state: 'resolved', seenAt: clock.now() });
    await clock.run(workflow.close());
    expect(keptOf('T-open')?.state).toBe('resolved');
    expect(keptOf('T-resolved')?.state).toBe('open');
  });

  test('does not replace a step inside the status that another process has made since', async () => {
    const { clock, workflow, kept, keptOf } = await setUpUnstored();
    await clock.advance(1000);
    const [seenAt, enteredAt] = [clock.now() - 30_000, clock.now()];
    await kept.set('T-open', { state: 'waiting', status: 'in-progress', seenAt, enteredAt });
    await clock.run(workflow.close());
    expect(keptOf('T-open')?.state).toBe('waiting');
  });

  test('is not taken by the store of another workflow of the same client', async () => {
    const { clock, client, workflow, keptOf } = await setUpUnstored();
    const other = createTicketWorkflow({ lifecycle, client });
    await clock.run(other.where('T-open', { read: 'always' }));
    await clock.run(workflow.close());
    expect(keptOf('T-open')?.state).toBe('in-progress');
  });

  test('does not keep another workflow of the same client waiting', async () => {
    const { clock, client, workflow, be } = setUpAway();
    await clock.run(workflow.observe('T-in-progress'));
    be('hangs');
    await clock.run(workflow.where('T-in-progress', { read: 'always' }));
    const other = createTicketWorkflow({ lifecycle, client });
    const outcome = await clock.run(other.apply('T-in-progress', 'ASK', { staffUserId }));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'lifecycle' });
  });

  test('and still does not take is reported by close, which ends in time', async () => {
    const { clock, workflow, be } = await setUpUnstored();
    const failed: unknown[] = [];
    workflow.on((event) => void (event.type === 'store-failed' && failed.push(event.ticketId)));
    be('rejects');
    await clock.run(workflow.close());
    expect(failed).toEqual(['T-open', 'T-resolved']);
    be('hangs');
    const before = clock.now();
    await clock.run(workflow.close());
    expect(clock.now() - before).toBeLessThanOrEqual(10_000);
  });

  test('is written by close, though the write of an older one hangs', async () => {
    const { clock, client, kept, keptOf } = setUpAway();
    let isAway = false;
    const hung = new Promise<never>(() => {});
    const set = (ticketId: string, known: KnownState): Promise<void> | void => {
      if (isAway && ticketId === 'T-open') return hung;
      if (isAway) throw new Error('disk full');
      return kept.set(ticketId, known);
    };
    const workflow = createTicketWorkflow({ lifecycle, client, store: { ...kept, set } });
    isAway = true;
    for (const id of ['T-open', 'T-resolved']) await clock.run(workflow.observe(id));
    isAway = false;
    await clock.run(workflow.close());
    expect(keptOf('T-resolved')?.state).toBe('resolved');
  });

  test('and of which it is still busy with one is not written twice at once', async () => {
    const { clock, client, kept, store } = setUpAway();
    let busy = 0;
    let most = 0;
    const slow: StatusStore = {
      ...store,
      async set(ticketId, known) {
        most = Math.max(most, (busy += 1));
        await clock.sleep(15_000);
        busy -= 1;
        await kept.set(ticketId, known);
      },
    };
    const other = createTicketWorkflow({ lifecycle, client, store: slow });
    await clock.run(other.observe('T-open'));
    await clock.run(other.close());
    await clock.run(other.close());
    expect(most).toBe(1);
  });
});
