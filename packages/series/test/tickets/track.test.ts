import { describe, expect, test } from 'vitest';
import type { ChangeEntry, TicketObservation, WorkflowEvent } from '../../src/index.ts';
import { setUp, type Interference } from '../support/bench.ts';
import { OneTicket } from '../support/one-ticket.ts';

const steps = ['in-progress', 'resolved', 'closed', 'open'] as const;
const staffUserId = 7;

/** A workflow that watches a ticket, before a server whose answers take a while. */
function open(answerMs: number) {
  const entries: ChangeEntry[] = [];
  const watched: TicketObservation[] = [];
  const events: WorkflowEvent[] = [];
  const onChange = (entry: ChangeEntry) => void entries.push(entry);
  const slow: Interference = async (_request, forward, _sandbox, clock) => {
    await clock.sleep(answerMs / 2);
    const answer = await forward();
    await clock.sleep(answerMs / 2);
    return answer;
  };
  const bench = setUp({ onChange }, slow);
  bench.workflow.on((event) => void (event.type === 'observed' && events.push(event)));
  const watch = bench.workflow.watch(['T-open'], {
    share: 1,
    onChange: (observation) => void watched.push(observation),
  });
  return { ...bench, watch, told: () => [entries.length, watched.length, events.length] };
}

describe('a change that something else makes, and that is tracked', () => {
  test.each([0, 10, 90, 400])(
    'is not taken for somebody else’s by any read, with answers after %i ms',
    async (answerMs) => {
      const { clock, workflow, sandbox, watch, told } = open(answerMs);
      await clock.run(workflow.observe('T-open'));
      for (let round = 0; round < 40; round += 1) {
        const state = steps[round % steps.length] ?? 'open';
        const tracked = workflow.track('T-open', async () => {
          await clock.sleep((round * 37) % 200);
          sandbox.tickets.setStatus('T-open', state);
          await clock.sleep((round * 53) % 200);
          return { kind: 'done', state };
        });
        const asked = workflow.where('T-open', { read: 'always' });
        expect(await clock.run(tracked)).toEqual({ kind: 'done', state });
        await clock.run(asked);
        await clock.advance((round * 71) % 500);
      }
      expect(told()).toEqual([0, 0, 0]);
      // What others do next is told, and no more than that.
      sandbox.tickets.setStatus('T-open', 'in-progress');
      await clock.advance(2000);
      watch.close();
      expect(told()).toEqual([1, 1, 1]);
    },
  );

  test('comes before the workflow’s own changes of the ticket, which know it then', async () => {
    const { clock, workflow, sandbox, watch } = open(20);
    watch.close();
    const tracked = workflow.track('T-open', async () => {
      await clock.sleep(1000);
      sandbox.tickets.setStatus('T-open', 'in-progress');
      return { state: 'in-progress' };
    });
    const resolved = workflow.apply('T-open', 'RESOLVE', { staffUserId });
    await clock.run(tracked);
    expect(await clock.run(resolved)).toMatchObject({ kind: 'confirmed', from: 'in-progress' });
  });

  test('waits while a request of the workflow may still arrive', async () => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ apply, lose }) => {
      ticket.set('in-progress'); // a colleague has done the same
      ticket.clock.setTimeout(apply, 8000);
      return lose();
    };
    const workflow = ticket.workflow();
    const start = await ticket.clock.run(workflow.apply('T-1', 'START', { staffUserId }));
    expect(start).toMatchObject({ kind: 'confirmed', by: 'observation' });
    const tracked = workflow.track('T-1', async () => {
      ticket.set('resolved');
      return { state: 'resolved' };
    });
    await ticket.clock.run(tracked);
    await ticket.clock.advance(20_000);
    expect(ticket.status).toBe('resolved');
  });

  test.each([
    ['has no state', async () => ({ kind: 'unknown' })],
    ['has one that the lifecycle does not have', async () => ({ state: 'elsewhere' })],
    ['never came', async () => Promise.reject(new Error('It broke.'))],
  ] as const)('is forgotten where its result %s', async (_, change) => {
    const { clock, workflow, watch } = open(20);
    watch.close();
    await clock.run(workflow.observe('T-open'));
    await clock.run(workflow.track<object>('T-open', change).catch(() => {}));
    const seen = await clock.run(workflow.observe('T-open'));
    expect(seen).toMatchObject({ status: 'open', previous: undefined });
  });
});
