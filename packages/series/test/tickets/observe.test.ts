import { describe, expect, test } from 'vitest';
import type { TicketObservation, WorkflowEvent } from '../../src/index.ts';
import { setUp, writesIn } from '../support/bench.ts';

const staffUserId = 7;

describe('observing a ticket', () => {
  test('says what a colleague has done, in the words of the lifecycle', async () => {
    const { clock, workflow, sandbox } = setUp();
    const events: WorkflowEvent[] = [];
    workflow.on((event) => events.push(event));
    const first = await clock.run(workflow.observe('T-open'));
    expect(first).toMatchObject({ status: 'open', previous: undefined, change: undefined });
    sandbox.tickets.setStatus('T-open', 'resolved');
    const second = await clock.run(workflow.observe('T-open'));
    expect(second).toMatchObject({
      status: 'resolved',
      previous: 'open',
      change: { kind: 'path', events: ['START', 'RESOLVE'] },
    });
    expect(events.filter(({ type }) => type === 'observed')).toMatchObject([
      { ticketId: 'T-open', previous: 'open', status: 'resolved', changeId: undefined },
    ]);
  });

  test('does not take our own change for somebody else’s', async () => {
    const { clock, workflow } = setUp();
    await clock.run(workflow.observe('T-open'));
    const change = workflow.apply('T-open', 'START', { staffUserId });
    // Asked while the change is on its way: it waits for it.
    const seen = await clock.run(workflow.observe('T-open'));
    expect(seen).toMatchObject({ status: 'in-progress', change: { kind: 'unchanged' } });
    expect((await change).kind).toBe('confirmed');
  });

  test('tells the next change where the ticket stands', async () => {
    const { clock, workflow, sandbox } = setUp();
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    sandbox.tickets.setStatus('T-open', 'resolved');
    await clock.run(workflow.observe('T-open'));
    expect(await clock.run(workflow.apply('T-open', 'CLOSE', { staffUserId }))).toMatchObject({
      kind: 'confirmed',
      from: 'resolved',
    });
  });

  test('fails as a read does', async () => {
    const { clock, workflow } = setUp();
    await expect(clock.run(workflow.observe('T-9'))).rejects.toMatchObject({
      code: 'ticket-not-found',
    });
    const signal = AbortSignal.abort();
    await expect(clock.run(workflow.observe('T-open', { signal }))).rejects.toMatchObject({
      reason: 'aborted',
    });
  });

  test('of a status that the lifecycle does not know is told as such', async () => {
    let status = 'open';
    const { clock, workflow } = setUp({}, async () =>
      Response.json({ data: { Ticket: { Status: status } } }),
    );
    await clock.run(workflow.observe('T-open'));
    status = 'archived';
    expect(await clock.run(workflow.observe('T-open'))).toMatchObject({
      status: 'archived',
      change: { kind: 'unknown-status' },
    });
  });
});

describe('watching tickets', () => {
  test('reads them in turns, at the share that was asked for', async () => {
    const { clock, workflow, sandbox } = setUp();
    const watch = workflow.watch(['T-open', 'T-closed'], { share: 0.2 });
    await clock.advance(10_000);
    watch.close();
    const reads = sandbox.requests.map(({ ticketId }) => ticketId);
    // A fifth of 25 requests a second, for ten seconds.
    expect(reads.length).toBeGreaterThanOrEqual(49);
    expect(reads.length).toBeLessThanOrEqual(51);
    expect(reads.slice(0, 4)).toEqual(['T-open', 'T-closed', 'T-open', 'T-closed']);
    await clock.advance(5000);
    expect(sandbox.requests).toHaveLength(reads.length);
    expect(clock.pending).toBe(0);
  });

  test('tells what others moved, and nothing of our own changes', async () => {
    const { clock, workflow, sandbox } = setUp();
    const seen: TicketObservation[] = [];
    const watch = workflow.watch(['T-open', 'T-resolved'], {
      share: 1,
      onChange: (observation) => seen.push(observation),
    });
    await clock.advance(1000);
    await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    await clock.advance(1000);
    sandbox.tickets.setStatus('T-resolved', 'closed');
    await clock.advance(1000);
    watch.close();
    expect(seen).toMatchObject([
      { ticketId: 'T-resolved', change: { kind: 'edge', events: ['CLOSE'] } },
    ]);
  });

  test('goes on when a ticket can not be read, and when a listener throws', async () => {
    const { clock, workflow, sandbox } = setUp();
    const failed: string[] = [];
    const watch = workflow.watch(['T-9', 'T-open'], {
      share: 1,
      onChange() {
        throw new Error('broken log');
      },
      onError(ticketId) {
        failed.push(ticketId);
        throw new Error('broken log');
      },
    });
    await clock.advance(500);
    sandbox.tickets.setStatus('T-open', 'closed');
    await clock.advance(1000);
    const before = sandbox.requests.length;
    await clock.advance(1000);
    expect(sandbox.requests.length).toBeGreaterThan(before);
    expect(new Set(failed)).toEqual(new Set(['T-9']));
    watch.close();
  });

  test('takes tickets in and lets them go', async () => {
    const { clock, workflow, sandbox } = setUp();
    const abort = new AbortController();
    const watch = workflow.watch([], { signal: abort.signal });
    await clock.advance(1000);
    expect(sandbox.requests).toEqual([]);
    watch.add('T-open');
    await clock.advance(1000);
    expect(sandbox.requests.length).toBeGreaterThan(3);
    watch.remove('T-open');
    await clock.advance(1000);
    const before = sandbox.requests.length;
    await clock.advance(5000);
    expect(sandbox.requests).toHaveLength(before);
    abort.abort();
    expect(clock.pending).toBe(0);
  });

  test('leaves the changes their turn', async () => {
    const { clock, workflow, sandbox } = setUp();
    const watch = workflow.watch(['T-open', 'T-closed'], { share: 1 });
    await clock.advance(2000);
    const outcome = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(outcome.kind).toBe('confirmed');
    expect(outcome.waitedMs).toBeLessThan(500);
    expect(writesIn(sandbox)).toHaveLength(1);
    watch.close();
  });

  test('refuses a share that is none', () => {
    const { workflow } = setUp();
    expect(() => workflow.watch([], { share: 1.5 })).toThrow('"share" must be a number above 0');
  });

  test('takes a list of tickets, not the letters of one', () => {
    const { workflow } = setUp();
    expect(() => workflow.watch('T-open')).toThrow('the ticketIds must be a list of ids');
  });
});
