import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BrokenPromise,
  createSandbox,
  limitAlgorithms,
  type SandboxOptions,
  type TicketStatus,
  ticketStatuses,
  type VerifyOptions,
} from '../../src/index.ts';
import { createFakeClock, getTicket, postClaim, postStatus } from '../support/request.ts';

const allowed = [
  ['open', 'in-progress'],
  ['in-progress', 'resolved'],
  ['resolved', 'closed'],
  ['closed', 'open'],
] as const satisfies VerifyOptions['allowed'];

function prepare(options: SandboxOptions = {}) {
  const clock = createFakeClock();
  const tickets = [{ ticketId: 'T-1' }, { ticketId: 'T-2' }];
  const sandbox = createSandbox({ clock, tickets, ...options });
  const change = async (status: string, ticketId = 'T-1') => {
    clock.pass(40);
    return postStatus(sandbox.fetch, ticketId, status);
  };
  return { clock, sandbox, change };
}

const kindsOf = (broken: readonly BrokenPromise[]) => broken.map(({ kind }) => kind);

const steps = fc.array(fc.record({ ticket: fc.nat(4), gap: fc.integer({ min: 40, max: 300 }) }), {
  maxLength: 60,
});

/** Sends legal changes, paced, as a client does that keeps every promise. */
async function behave(traffic: readonly { ticket: number; gap: number }[]) {
  const clock = createFakeClock();
  const tickets = Array.from({ length: 5 }, (_, index) => ({ ticketId: `T-${index}` }));
  const sandbox = createSandbox({ clock, tickets, limit: 'leaky-bucket' });
  const intended: Record<string, TicketStatus[]> = {};
  for (const { ticket, gap } of traffic) {
    const ticketId = `T-${ticket}`;
    const from = sandbox.tickets.get(ticketId)?.status;
    const to = allowed.find(([status]) => status === from)?.[1] ?? 'open';
    clock.pass(gap);
    intended[ticketId] = [...(intended[ticketId] ?? []), to];
    await postStatus(sandbox.fetch, ticketId, to);
  }
  return { clock, sandbox, promised: { allowed, intended } };
}

test('a client that keeps every promise is found to keep them', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (traffic) => {
      const { sandbox, promised } = await behave(traffic);
      expect(sandbox.verify(promised)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

// Each breaks one promise after any traffic, and says which and how often.
const planted = {
  'over-the-limit': async ({ clock, sandbox }) => {
    clock.pass(2000);
    for (let sent = 0; sent < 5; sent += 1) await getTicket(sandbox.fetch, 'T-0');
    await getTicket(sandbox.fetch, 'T-0');
  },
  duplicated: async ({ clock, sandbox }) => {
    for (const status of ['in-progress', 'in-progress']) {
      clock.pass(2000);
      await postStatus(sandbox.fetch, 'T-new', status);
    }
  },
  'sent-though-illegal': async ({ clock, sandbox }) => {
    clock.pass(2000);
    await postStatus(sandbox.fetch, 'T-new', 'closed');
  },
  'out-of-order': async ({ clock, sandbox, promised }) => {
    promised.intended['T-new'] = ['resolved', 'in-progress'];
    for (const status of ['in-progress', 'resolved']) {
      clock.pass(2000);
      await postStatus(sandbox.fetch, 'T-new', status);
    }
  },
} satisfies Record<
  BrokenPromise['kind'],
  (bench: Awaited<ReturnType<typeof behave>>) => Promise<void>
>;

test.each(Object.entries(planted))(
  'finds %s in any traffic, and nothing else',
  async (kind, plant) => {
    await fc.assert(
      fc.asyncProperty(steps, async (traffic) => {
        const bench = await behave(traffic);
        bench.sandbox.tickets.add({ ticketId: 'T-new' });
        await plant(bench);
        expect(kindsOf(bench.sandbox.verify(bench.promised))).toEqual([kind]);
      }),
      { numRuns: 25 },
    );
  },
);

describe('over the limit', () => {
  test('is what the limit refused, by whatever algorithm', async () => {
    for (const limit of limitAlgorithms) {
      const { sandbox } = prepare({ limit, requestsPerSecond: 10 });
      for (let sent = 0; sent < 12; sent += 1) await getTicket(sandbox.fetch, 'T-1');
      const { limited } = sandbox.record();
      expect(limited).toBeGreaterThan(1);
      expect(sandbox.verify()).toHaveLength(limited);
    }
  });

  test('is what came too fast, even where no limit is kept', async () => {
    const { sandbox, clock } = prepare({ limit: 'none' });
    for (let sent = 0; sent < 27; sent += 1) await getTicket(sandbox.fetch, 'T-1');
    clock.pass(999);
    await getTicket(sandbox.fetch, 'T-1', 'another key');
    await getTicket(sandbox.fetch, 'T-1');
    clock.pass(1);
    await getTicket(sandbox.fetch, 'T-1');
    expect(sandbox.verify().map(({ message }) => message)).toEqual([
      'key-1 made 26 requests in one second; 25 are allowed.',
      'key-1 made 27 requests in one second; 25 are allowed.',
      'key-1 made 28 requests in one second; 25 are allowed.',
    ]);
    expect(sandbox.verify({ requestsPerSecond: 28 })).toEqual([]);
    expect(sandbox.verify({ requestsPerSecond: undefined })).toHaveLength(3);
  });

  test('is not what a fault alone called too many', async () => {
    const { sandbox } = prepare();
    sandbox.faults.next(30, '429-with-seconds');
    for (let sent = 0; sent < 30; sent += 1) await getTicket(sandbox.fetch, 'T-1');
    expect(sandbox.verify()).toEqual([]);
  });
});

describe('out of order', () => {
  test('is a write that overtook another of its ticket on the way', async () => {
    const waits: (() => void)[] = [];
    const { sandbox, clock } = prepare({
      delayMs: { beforeCounting: [1, 1] },
      sleep: () => new Promise((resolve) => waits.push(resolve)),
    });
    const changes = [postStatus(sandbox.fetch, 'T-1', 'in-progress')];
    await expect.poll(() => waits.length).toBe(1);
    clock.pass(1);
    changes.push(postStatus(sandbox.fetch, 'T-1', 'resolved'));
    changes.push(postStatus(sandbox.fetch, 'T-2', 'resolved'));
    await expect.poll(() => waits.length).toBe(3);
    for (const go of waits.toReversed()) {
      const before = sandbox.requests.length;
      go();
      await expect.poll(() => sandbox.requests.length).toBe(before + 1);
    }
    await Promise.all(changes);
    expect(sandbox.verify()).toMatchObject([
      { kind: 'out-of-order', request: { ticketId: 'T-1', to: 'in-progress' } },
    ]);
  });

  test('is not a step that was left out', async () => {
    const { sandbox, change } = prepare();
    await change('in-progress');
    await change('closed');
    const intended = { 'T-1': ['in-progress', 'resolved', 'closed'] } as const;
    expect(sandbox.verify({ intended })).toEqual([]);
  });
});

describe('duplicated', () => {
  test('is a write that is sent again after its answer was lost', async () => {
    const { sandbox, change } = prepare();
    sandbox.faults.next(1, '500-after-applying');
    await change('in-progress');
    await change('in-progress');
    expect(kindsOf(sandbox.verify({ allowed }))).toEqual(['duplicated']);
    expect(sandbox.systemMessages).toHaveLength(2);
  });

  test('is one too whose second sending met a fault, which was luck', async () => {
    const { sandbox, change } = prepare();
    sandbox.faults.next(1, '500-after-applying');
    sandbox.faults.next(1, '503-before-applying');
    await change('in-progress');
    await change('in-progress');
    expect(kindsOf(sandbox.verify())).toEqual(['duplicated']);
  });

  test('is not a write that is sent again after it was not applied', async () => {
    const { sandbox, change } = prepare();
    sandbox.faults.next(1, '503-before-applying');
    sandbox.faults.next(1, 'reset-before-reading');
    for (let sent = 0; sent < 3; sent += 1) await change('in-progress').catch(() => {});
    expect(sandbox.verify({ allowed })).toEqual([]);
  });

  test('is no claim, and nothing that the API refuses', async () => {
    const { sandbox, change } = prepare();
    await change('in-progress');
    for (const _ of [1, 2]) await postClaim(sandbox.fetch, 'T-1');
    const init = { method: 'POST', body: '{"status":"in-progress","staffUserId":7}' };
    await sandbox.fetch('/tickets/T-1/status', init);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([200, 200, 400, 401]);
    expect(sandbox.verify()).toEqual([]);
  });

  test('is not a status that somebody else has set meanwhile', async () => {
    const { sandbox, change } = prepare();
    await change('in-progress');
    sandbox.tickets.setStatus('T-1', 'open');
    await change('in-progress');
    expect(sandbox.verify({ allowed })).toEqual([]);
  });
});

describe('sent though illegal', () => {
  test('is every pair that is not allowed, and a request that the API does not know', async () => {
    for (const from of ticketStatuses) {
      for (const to of [...ticketStatuses, 'done']) {
        const { sandbox, change } = prepare({ tickets: [{ ticketId: 'T-1', status: from }] });
        await change(to);
        const isLegal = allowed.some((pair) => pair[0] === from && pair[1] === to);
        const expected = isLegal ? [] : ['sent-though-illegal'];
        expect(kindsOf(sandbox.verify({ allowed }))).toEqual(expected);
      }
    }
  });

  test('is no claim, and no change that a colleague made illegal at the last moment', async () => {
    const { sandbox, change } = prepare();
    await postClaim(sandbox.fetch, 'T-2');
    sandbox.faults.next(1, 'changed-meanwhile');
    await change('in-progress');
    expect(sandbox.verify({ allowed })).toEqual([]);
  });
});
