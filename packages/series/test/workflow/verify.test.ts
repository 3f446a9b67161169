import { describe, expect, test } from 'vitest';
import { setUp, writesIn, type Interference } from '../support/bench.ts';

const change = { staffUserId: 7, from: 'open', verify: true } as const;

describe('a change that is to be verified', () => {
  test('is read back after the success', async () => {
    const { clock, workflow, sandbox } = setUp();
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'response', verified: true, reads: 1 });
    expect(sandbox.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test('is in doubt when the server said yes and did nothing', async () => {
    const onlySaysYes: Interference = async (request, forward) =>
      request.method === 'POST' ? Response.json({ success: true }) : forward();
    const { clock, workflow, sandbox } = setUp({}, onlySaysYes);
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({
      kind: 'unknown',
      observed: 'open',
      error: { reason: 'contradiction', httpStatus: 200 },
    });
    expect(writesIn(sandbox)).toEqual([]);
    // Nothing is believed any more: the next change reads first.
    await clock.run(workflow.apply('T-open', 'START', { staffUserId: 7 }));
    const methods = sandbox.requests.map(({ method }) => method);
    expect(methods).toEqual(['GET', 'GET', 'GET', 'GET']);
  });

  test('waits a moment for a database that is behind', async () => {
    let reads = 0;
    const behind: Interference = async (request, forward) =>
      request.method === 'GET' && (reads += 1) === 1
        ? Response.json({ data: { Ticket: { Status: 'open' } } })
        : forward();
    const { clock, workflow } = setUp({}, behind);
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({
      kind: 'confirmed',
      by: 'observation',
      verified: true,
      reads: 2,
    });
  });

  test('is in doubt when the ticket can not be read', async () => {
    const unreadable: Interference = async (request, forward) =>
      request.method === 'GET' ? new Response('', { status: 503 }) : forward();
    const { clock, workflow } = setUp({}, unreadable);
    const outcome = await clock.run(workflow.apply('T-open', 'START', change));
    expect(outcome).toMatchObject({
      kind: 'unknown',
      observed: undefined,
      error: { reason: 'unverified' },
    });
  });

  test('is in doubt when the ticket is in a third place', async () => {
    const moved: Interference = async (request, forward, sandbox) => {
      const response = await forward();
      if (request.method === 'POST') sandbox.tickets.setStatus('T-open', 'closed');
      return response;
    };
    const { clock, workflow } = setUp({ verify: true }, moved);
    const options = { staffUserId: 7, from: 'open' } as const;
    expect(await clock.run(workflow.apply('T-open', 'START', options))).toMatchObject({
      kind: 'unknown',
      observed: 'closed',
      error: { reason: 'conflict' },
    });
  });
});
