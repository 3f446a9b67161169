import { describe, expect, test } from 'vitest';
import { createSeriesClient, createTicketWorkflow } from '../../src/index.ts';
import { setUp, type Interference } from '../support/bench.ts';
import { withWaiting } from '../support/with-waiting.ts';
import { failure, startServer, success } from '../support/server.ts';

const staffUserId = 7;

/** A server that knows `claim`, with one ticket that is open. */
function claimable(claimedBy: number | null = null): { interfere: Interference; sent: string[] } {
  const sent: string[] = [];
  let claimant = claimedBy;
  let status = 'open';
  const interfere: Interference = async (request) => {
    const { pathname } = new URL(request.url);
    sent.push(`${request.method} ${pathname}`);
    if (request.method === 'GET') {
      const ClaimedByUser = claimant === null ? null : { UserId: claimant };
      return Response.json({ data: { Ticket: { Status: status, ClaimedByUser } } });
    }
    if (claimant !== null) {
      const error = { code: 400, message: 'Ticket already claimed' };
      return Response.json({ success: false, error }, { status: 400 });
    }
    claimant = ((await request.json()) as { staffUserId: number }).staffUserId;
    status = 'in-progress';
    return Response.json({ success: true, data: { message: 'Ticket claimed successfully' } });
  };
  return { interfere, sent };
}

describe('a claim', () => {
  test('is the documented request', async () => {
    await using server = await startServer(success('Ticket claimed successfully'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    expect(await client.claim({ ticketId: 'TICKET-1', staffUserId })).toMatchObject({
      message: 'Ticket claimed successfully',
    });
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      path: '/tickets/TICKET-1/claim',
      body: '{"staffUserId":7}',
    });
  });

  test('of a ticket that somebody has is refused with a code of its own', async () => {
    await using server = await startServer(failure(400, 'Ticket already claimed'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    await expect(client.claim({ ticketId: 'TICKET-1', staffUserId })).rejects.toMatchObject({
      delivery: 'refused',
      code: 'already-claimed',
    });
  });

  test('starts a ticket in place of a change of status', async () => {
    const { interfere, sent } = claimable();
    const { clock, workflow } = setUp({}, interfere);
    const options = { staffUserId, from: 'open', via: 'claim' } as const;
    expect(await clock.run(workflow.apply('T-1', 'START', options))).toMatchObject({
      kind: 'confirmed',
      status: 'in-progress',
      message: 'Ticket claimed successfully',
    });
    expect(sent).toEqual(['POST /tickets/T-1/claim']);
  });

  test.each([
    ['for a change that leads elsewhere', 'in-progress', 'RESOLVE', 'would not make it resolved'],
    ['for one that sends nothing', 'waiting', 'ANSWER', 'sends nothing from waiting'],
    ['where the client can not claim', 'open', 'START', 'The client has no method "claim".'],
  ] as const)('can not stand in %s', async (_, from, event, reason) => {
    const { interfere, sent } = claimable();
    const { clock, client: whole } = setUp({}, interfere);
    const without = { ...whole, claim: undefined } as unknown as typeof whole;
    const client = event === 'START' ? without : whole;
    const workflow = createTicketWorkflow({ lifecycle: withWaiting, client });
    const options = { staffUserId, from, via: 'claim' } as const;
    expect(await clock.run(workflow.apply('T-1', event, options))).toMatchObject({
      kind: 'blocked',
      blockers: [{ code: 'claim-not-possible', message: expect.stringContaining(reason) }],
    });
    expect(sent).toEqual([]);
  });

  const loseFirstAnswer = (interfere: Interference, reaches: boolean): Interference => {
    let isLost = false;
    return async (...call) => {
      if (call[0].method === 'GET' || isLost) return interfere(...call);
      isLost = true;
      if (reaches) await interfere(...call);
      throw new TypeError('fetch failed');
    };
  };
  const options = { staffUserId, from: 'open', via: 'claim' } as const;

  test('whose answer was lost is confirmed if the ticket is ours', async () => {
    const { clock, workflow } = setUp({}, loseFirstAnswer(claimable().interfere, true));
    expect(await clock.run(workflow.apply('T-1', 'START', options))).toMatchObject({
      kind: 'confirmed',
      by: 'observation',
      reads: 1,
    });
  });

  const shown: readonly [string, object, string, boolean][] = [
    ['nobody', { ClaimedByUser: null }, 'nobody has claimed it', true],
    ['another', { ClaimedByUser: { UserId: 8 } }, 'it is claimed by 8', true],
    ['one who is not shown', {}, 'the answer does not show who has claimed it', false],
  ];
  test.each(shown)(
    'whose answer was lost is not confirmed by a start that is claimed by %s',
    async (_, claimed, said, isOfOthers) => {
      const started: Interference = async (request) => {
        if (request.method === 'POST') throw new TypeError('fetch failed');
        return Response.json({ data: { Ticket: { Status: 'in-progress', ...claimed } } });
      };
      const { clock, workflow } = setUp({}, started);
      const moved: unknown[] = [];
      workflow.on((event) => event.type === 'observed' && moved.push(event));
      const change = await clock.run(workflow.apply('T-1', 'START', options));
      const settling = workflow.settle('T-1', 'START', { from: 'open', claimedBy: staffUserId });
      for (const outcome of [change, await clock.run(settling)]) {
        expect(outcome).toMatchObject({ kind: 'unknown', observed: 'in-progress' });
        const message = expect.stringContaining(`The ticket is in-progress, but ${said}.`);
        expect(outcome).toMatchObject({ error: { message } });
      }
      expect(moved).toHaveLength(isOfOthers ? 1 : 0);
    },
  );

  test.each(shown)('that is verified says that it is claimed by %s', async (_, claimed, said) => {
    const started: Interference = async (request) =>
      request.method === 'POST'
        ? Response.json({ success: true, data: { message: 'Ticket claimed successfully' } })
        : Response.json({ data: { Ticket: { Status: 'in-progress', ...claimed } } });
    const { clock, workflow } = setUp({ verify: true }, started);
    const message = `The server says that T-1 is in-progress now, but ${said}.`;
    expect(await clock.run(workflow.apply('T-1', 'START', options))).toMatchObject({
      kind: 'unknown',
      error: { reason: 'conflict', message },
    });
  });
});
