import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createSandbox,
  type FaultKind,
  faultKinds,
  faultMeanings,
  type FaultRequest,
  SandboxError,
} from '../../src/index.ts';
import { contents, expectations } from '../support/fault-table.ts';
import { prepareSandbox } from '../support/prepare-sandbox.ts';
import { getTicket, postStatus } from '../support/request.ts';

const manual = { redirect: 'manual' } as const;

/** Reads as far as it gets. */
async function readBytes(response: Response) {
  let [text, failure] = ['', ''];
  try {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) {
      if (text.length < 100_000) text += decoder.decode(piece, { stream: true });
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return { text, failure };
}

test('every fault has a meaning, and every name is there once', () => {
  expect(new Set(faultKinds).size).toBe(faultKinds.length);
  expect(Object.keys(faultMeanings).sort()).toEqual([...faultKinds].sort());
  for (const kind of faultKinds) expect(faultMeanings[kind]).toMatch(/^[A-Z].*\.$/);
});

describe('a client that changes a ticket through the fetch handler', () => {
  test.each(faultKinds)('meets %s, and the record says what truly happened', async (kind) => {
    const { sandbox, sleeps } = prepareSandbox();
    const { seen, stands, applied, counted = true } = expectations[kind];
    sandbox.faults.next(1, kind);
    const caller = new AbortController();
    const { signal } = caller;
    const post = postStatus(sandbox.fetch, 'T-1', 'resolved', { ...manual, signal });

    if (seen === 'refused' || seen === 'reset') {
      const code = seen === 'reset' ? 'ECONNRESET' : 'ECONNREFUSED';
      await expect(post).rejects.toMatchObject({ name: 'TypeError', cause: { code } });
    } else if (seen === 'silence') {
      await expect.poll(() => sandbox.requests.length).toBe(1);
      caller.abort(new Error('waited long enough'));
      await expect(post).rejects.toThrow('waited long enough');
    } else {
      const response = await post;
      expect(response.status).toBe(typeof seen === 'number' ? seen : 200);
      if (seen === 'half a body, open') {
        expect((await response.body?.getReader().read())?.value).toHaveLength(32);
      } else {
        const { text, failure } = await readBytes(response);
        expect(failure).toBe(seen === 'half a body' ? 'terminated' : '');
        const head = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join('');
        expect(`${head}\n${text}`).toMatch(contents[kind] ?? '');
        if (kind === 'slow-loris') expect(sleeps).toHaveLength(text.length + 1);
      }
    }
    expect(sandbox.requests).toMatchObject([{ fault: kind, applied, counted, from: 'open' }]);
    expect(sandbox.record().faults).toEqual({ [kind]: 1 });
    expect(sandbox.tickets.get('T-1')?.status ?? 'deleted').toBe(stands);
    expect(sandbox.record().statusWrites).toBe(applied ? 1 : 0);
  });
});

test('an abort ends a body that has stalled, as it does for fetch', async () => {
  const { sandbox } = prepareSandbox();
  sandbox.faults.next(1, 'stalled-body');
  const caller = new AbortController();
  const { signal } = caller;
  const response = await postStatus(sandbox.fetch, 'T-1', 'resolved', { signal });
  const reading = response.text();
  caller.abort(new Error('waited long enough'));
  await expect(reading).rejects.toThrow('waited long enough');
});

test('a redirect is followed into nowhere, given out, or an error, as the client asks', async () => {
  const { sandbox } = prepareSandbox({ redirectTo: 'http://127.0.0.1:9/' });
  sandbox.faults.next(3, 'redirect-elsewhere');
  const post = (redirect: 'follow' | 'error' | 'manual') =>
    postStatus(sandbox.fetch, 'T-1', 'resolved', { redirect });
  await expect(post('follow')).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } });
  await expect(post('error')).rejects.toThrow('fetch failed');
  const { headers } = await post('manual');
  expect(headers.get('location')).toBe('http://127.0.0.1:9/tickets/T-1/status');
});

describe('a colleague comes in between', () => {
  test.each(['changed-meanwhile', 'claimed-by-colleague', 'deleted-meanwhile'] as const)(
    '%s: a read shows the ticket as it was',
    async (kind) => {
      const { sandbox } = prepareSandbox();
      sandbox.faults.next(1, kind);
      const response = await getTicket(sandbox.fetch, 'T-1');
      expect(await response.text()).toContain('"Status":"open"');
      expect(sandbox.tickets.get('T-1')?.status).not.toBe('open');
      expect(sandbox.requests).toMatchObject([{ fault: kind, applied: false }]);
    },
  );

  test('and never sets what the client is about to set', async () => {
    for (const from of ['open', 'in-progress', 'resolved', 'closed'] as const) {
      for (const to of ['open', 'in-progress', 'resolved', 'closed'] as const) {
        const { sandbox } = prepareSandbox({ tickets: [{ ticketId: 'T-1', status: from }] });
        sandbox.faults.next(1, 'changed-meanwhile');
        await postStatus(sandbox.fetch, 'T-1', to);
        const [theirs, ours] = sandbox.systemMessages;
        expect(theirs?.from).toBe(from);
        expect([from, to]).not.toContain(theirs?.to);
        expect(ours).toMatchObject({ from: theirs?.to, to });
      }
    }
  });
});

describe('what comes next', () => {
  const statuses = async (fetch: ReturnType<typeof createSandbox>['fetch'], count: number) => {
    const seen: number[] = [];
    for (let sent = 0; sent < count; sent += 1) {
      seen.push((await getTicket(fetch, 'T-1')).status);
    }
    return seen;
  };

  test('faults that were asked for come in that order, as often as asked for', async () => {
    const { sandbox } = prepareSandbox();
    sandbox.faults.next(2, '503-before-applying');
    sandbox.faults.next(1, '401');
    expect(sandbox.faults.state().next).toEqual([
      { count: 2, fault: '503-before-applying' },
      { count: 1, fault: '401' },
    ]);
    expect(await statuses(sandbox.fetch, 5)).toEqual([503, 503, 401, 200, 200]);
  });

  test('a fault waits for a request on which it can strike', async () => {
    const { sandbox } = prepareSandbox({ requestsPerSecond: 3 });
    const { fetch, faults } = sandbox;
    faults.next(1, 'changed-nothing');
    expect((await getTicket(fetch, 'T-1')).status).toBe(200);
    expect((await postStatus(fetch, 'T-1', 'done')).status).toBe(400);
    expect(faults.state().next).toEqual([{ count: 1, fault: 'changed-nothing' }]);
    await postStatus(fetch, 'T-1', 'closed');
    expect(faults.state().next).toEqual([]);
    faults.next(2, '500-before-applying');
    expect((await postStatus(fetch, 'T-1', 'closed')).status).toBe(429);
    expect(sandbox.requests.map(({ fault }) => fault)).toEqual([
      undefined,
      undefined,
      'changed-nothing',
      undefined,
    ]);
    expect(faults.state().next).toEqual([{ count: 2, fault: '500-before-applying' }]);
  });

  test('a rule sees every request, and ends when it is taken away', async () => {
    const { sandbox } = prepareSandbox();
    const seen: FaultRequest[] = [];
    const end = sandbox.faults.when((request) => {
      seen.push(request);
      return request.number % 2 === 0 ? '404' : undefined;
    });
    expect(await statuses(sandbox.fetch, 4)).toEqual([200, 404, 200, 404]);
    expect(seen[1]).toEqual({
      method: 'GET',
      path: '/tickets/get/T-1',
      ticketId: 'T-1',
      key: 'key-1',
      number: 2,
    });
    expect(sandbox.faults.state().rules).toBe(1);
    end();
    expect(await statuses(sandbox.fetch, 2)).toEqual([200, 200]);
  });

  test('everything can be taken away at once', async () => {
    const { sandbox } = prepareSandbox();
    sandbox.faults.next(5, '401');
    sandbox.faults.when(() => '404');
    sandbox.faults.rate(1);
    sandbox.faults.clear();
    expect(sandbox.faults.state()).toEqual({ next: [], rules: 0, rate: undefined });
    expect(await statuses(sandbox.fetch, 2)).toEqual([200, 200]);
    // Also what a request that is under way would give back.
    sandbox.faults.next(1, 'changed-nothing');
    const read = statuses(sandbox.fetch, 1);
    sandbox.faults.clear();
    await read;
    expect(sandbox.faults.state().next).toEqual([]);
  });

  test('at random, a share of the requests meets a fault, the same for the same seed', async () => {
    const faults: FaultKind[] = ['401', '404', '409'];
    const drawn = async (seed: number) => {
      const { sandbox } = prepareSandbox({ limit: 'none' });
      sandbox.faults.rate(0.1, { seed, faults });
      expect(sandbox.faults.state().rate).toEqual({ share: 0.1, faults });
      return statuses(sandbox.fetch, 1000);
    };
    const first = await drawn(1);
    expect(await drawn(1)).toEqual(first);
    expect(await drawn(2)).not.toEqual(first);
    const hit = first.filter((status) => status !== 200);
    expect(hit.length).toBeGreaterThan(60);
    expect(hit.length).toBeLessThan(140);
    expect(new Set(hit)).toEqual(new Set([401, 404, 409]));
  });
});

test('whatever fault a request meets, the record, the ticket and its messages agree', async () => {
  const kind = fc.constantFrom(...faultKinds.filter((name) => !/meanwhile|colleague/.test(name)));
  const status = fc.constantFrom('open', 'in-progress', 'resolved', 'closed');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(kind, status), { maxLength: 20 }), async (changes) => {
      const { sandbox } = prepareSandbox();
      const caller = new AbortController();
      const { signal } = caller;
      for (const [fault, to] of changes) {
        const before = sandbox.systemMessages.length;
        sandbox.faults.next(1, fault);
        const answer = postStatus(sandbox.fetch, 'T-1', to, { ...manual, signal });
        answer.then((response) => response.body?.cancel()).catch(() => {});
        await expect.poll(() => sandbox.requests.length, { interval: 1 }).toBeGreaterThan(before);
        await new Promise((resolve) => setImmediate(resolve));
      }
      caller.abort();
      const applied = sandbox.requests.filter((request) => request.applied);
      expect(sandbox.requests).toHaveLength(changes.length);
      expect(sandbox.systemMessages.map(({ to }) => to)).toEqual(applied.map(({ to }) => to));
      expect(sandbox.tickets.get('T-1')?.status).toBe(applied.at(-1)?.to ?? 'open');
    }),
    { numRuns: 25 },
  );
});

test.each([
  [(faults: Faults) => faults.next(0, '401'), 'faults.next: "count" must be an integer'],
  [(faults: Faults) => faults.next(1, '402' as '401'), 'faults.next: "fault" must be one of conn'],
  [(faults: Faults) => faults.rate(5), 'faults.rate: "share" must be from 0 to 1; received 5.'],
  [(faults: Faults) => faults.rate(NaN), 'received NaN'],
  [(faults: Faults) => faults.rate(0.1, { seed: 0.5 }), '"seed" must be an integer'],
  [(faults: Faults) => faults.rate(0.1, { faults: [] }), '"faults" must be a list that is not'],
  [(faults: Faults) => faults.when('401' as never), '"rule" must be a function; received "401"'],
])('refuses a script that makes no sense: %s', (script, message) => {
  const { faults } = createSandbox();
  expect(() => script(faults)).toThrow(message);
  expect(faults.state()).toEqual({ next: [], rules: 0, rate: undefined });
});

test('a rule that names no fault is an error of the script, not of the API', async () => {
  const { fetch, faults } = createSandbox();
  faults.when(() => 'teapot' as FaultKind);
  await expect(getTicket(fetch, 'T-1')).rejects.toSatisfy((error) => SandboxError.is(error));
});

type Faults = ReturnType<typeof createSandbox>['faults'];
