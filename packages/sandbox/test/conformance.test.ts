import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type ClientVerdict,
  type ConformanceAdapter,
  conformanceMarkdown,
  type ConformanceTarget,
  type RequestedChange,
  runConformance,
} from '../src/conformance/index.ts';
import { faultKinds } from '../src/index.ts';

const post = (
  { baseUrl, apiKey, timeoutMs }: ConformanceTarget,
  change: RequestedChange,
  action = 'status',
  init: RequestInit = {},
) =>
  fetch(`${baseUrl}/tickets/${change.ticketId}/${action}`, {
    method: 'POST',
    headers: { apikey: apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ status: change.status, staffUserId: change.staffUserId }),
    signal: AbortSignal.timeout(timeoutMs),
    ...init,
  });

const read = ({ baseUrl, apiKey }: ConformanceTarget, { ticketId }: RequestedChange) =>
  fetch(`${baseUrl}/tickets/get/${ticketId}`, { headers: { apikey: apiKey } });

// Long enough to see what is under way; and no client may lose patience where a machine is busy.
const watchMs = 100;
const timeoutMs = 20_000;

const adapterOf = (
  name: string,
  send: (target: ConformanceTarget, change: RequestedChange) => Promise<ClientVerdict>,
): ConformanceAdapter => ({
  name,
  connect: (target) => ({ changeStatus: (change) => send(target, change) }),
});

const simple = adapterOf('simple', async (target, change) => {
  const response = await post(target, change);
  if (!response.ok) throw new Error(String(response.status));
  return 'changed';
});

const stubborn = adapterOf('stubborn', async (target, change) => {
  for (let sent = 0; sent < 3; sent += 1) {
    const response = await post(target, change).catch(() => undefined);
    if (response?.ok === true) return 'changed';
  }
  throw new Error('gave up');
});

const doubtful = adapterOf('doubtful', async (target, change) => {
  const response = await post(target, change).catch(() => undefined);
  return response?.ok === true ? 'changed' : 'unknown';
});

const silent = adapterOf('silent', () => new Promise(() => {}));

const lying = adapterOf('lying', async () => 'changed');

test('tells clients apart by what became of their changes', async () => {
  const faults = [
    '404',
    '500-before-applying',
    '500-after-applying',
    'redirect-elsewhere',
    'changed-meanwhile',
  ] as const;
  const { clients } = await runConformance([simple, stubborn, doubtful, lying], {
    faults,
    changes: 0,
    timeoutMs,
    watchMs,
  });
  const seen = clients.map(({ client, faults: trials }) => [
    client,
    ...trials.map(({ result }) => result),
  ]);
  expect(seen).toEqual([
    ['simple', 'survived', 'lost', 'wrong', 'key leaked', 'survived'],
    ['stubborn', 'survived', 'survived', 'duplicated', 'key leaked', 'survived'],
    ['doubtful', 'in doubt', 'in doubt', 'in doubt', 'key leaked', 'survived'],
    ['lying', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong'],
  ]);
  expect(clients[1]).toMatchObject({
    survived: 3,
    inDoubt: 0,
    lost: 0,
    duplicates: 1,
    wrong: 1,
    hung: 0,
    keysLeaked: 1,
    load: undefined,
  });
});

test('a client that says nothing hangs', async () => {
  const options = { faults: ['404', 'cut-body'], changes: 3, deadlineMs: 200, watchMs } as const;
  const { clients } = await runConformance([silent], options);
  expect(clients[0]?.faults).toMatchObject([{ result: 'hung' }, { result: 'hung' }]);
  expect(clients[0]).toMatchObject({
    hung: 2,
    wrong: 0,
    load: { lost: 3, inDoubt: 3, wrong: 0 },
  });
});

test('counts what a crowd of changes costs a client that knows no limit', async () => {
  const { clients } = await runConformance([simple, lying], {
    faults: [],
    changes: 300,
    timeoutMs,
    watchMs,
  });
  expect(clients).toMatchObject([
    { load: { changes: 300, duplicates: 0, wrong: 0, problems: [] } },
    { load: { changes: 300, limited: 0, lost: 300, duplicates: 0, wrong: 300 } },
  ]);
  const { limited = 0, lost } = clients[0]?.load ?? {};
  expect(limited).toBeGreaterThan(0);
  expect(lost).toBe(limited);
});

test('notices changes that arrive in another order', async () => {
  const backwards: ConformanceAdapter = {
    name: 'backwards',
    connect(target) {
      const waiting: { change: RequestedChange; done: (verdict: ClientVerdict) => void }[] = [];
      return {
        changeStatus: (change) =>
          new Promise((resolve) => {
            waiting.push({ change, done: resolve });
            if (waiting.length === 3) void sendAll(waiting.splice(0).toReversed());
          }),
      };
      async function sendAll(all: typeof waiting) {
        for (const { change, done } of all) {
          await post(target, change);
          done('changed');
        }
      }
    },
  };
  const { clients } = await runConformance([backwards], {
    faults: [],
    changes: 3,
    timeoutMs,
    watchMs,
  });
  expect(clients[0]?.load).toMatchObject({ lost: 0, outOfOrder: 2 });
});

test('tries every fault, unless told otherwise, and closes each client', async () => {
  let open = 0;
  class Client {
    readonly opened = 1;
    readonly changeStatus = async () => 'not-changed' as const;
    close() {
      open -= this.opened;
    }
  }
  const counted: ConformanceAdapter = {
    name: 'counted',
    connect() {
      open += 1;
      return new Client();
    },
  };
  const heard: string[] = [];
  const { clients } = await runConformance([counted], {
    changes: 3,
    watchMs,
    onClient: ({ client }) => heard.push(client),
  });
  expect(clients[0]?.faults.map(({ fault }) => fault)).toEqual(faultKinds);
  expect([open, heard]).toEqual([0, ['counted']]);
});

test('writes a report for people, and the same as data', async () => {
  const report = await runConformance([simple, adapterOf('a|b', async () => 'unknown')], {
    faults: ['404', 'cut-body'],
    changes: 3,
    timeoutMs,
    watchMs,
  });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  const markdown = conformanceMarkdown(report).replaceAll(/ \d+\.\d \|/g, ' 0.0 |');
  expect(markdown).toContain('| client | survived of 2 | in doubt |');
  expect(markdown).toContain('| simple | 2 | 0 | 0 | 0 | 0 | 0 | 0 |');
  expect(markdown).toContain('| a\\|b | 0 | 3 | 3 | 0 | 0 | 0 | 0.0 |');
  expect(markdown).toContain('| `404` | ✓ | ? | Not applied: the ticket is said not to exist. |');
  expect(markdown.endsWith('\n')).toBe(true);
});

/** Clients that are wrong in one way each, and what the report says of it. */
const wrongClients: Record<
  string,
  [send: (target: ConformanceTarget, change: RequestedChange) => unknown, problem: RegExp]
> = {
  'other status, other person': [
    (target, change) => okOf(post(target, { ...change, status: 'closed', staffUserId: 666 })),
    /^sent POST \/tickets\/T-\d\/status \(closed by 666\), which nobody asked for$/,
  ],
  'wrong staff member': [
    (target, change) => okOf(post(target, { ...change, staffUserId: change.staffUserId + 1000 })),
    /^sent POST \/tickets\/T-\d\/status \([a-z-]+ by 10\d\d\), which nobody asked for$/,
  ],
  'no staff member': [
    (target, change) => okOf(post(target, { ...change, staffUserId: undefined as never })),
    /^sent POST .* \([a-z-]+ by nobody\), which nobody asked for$/,
  ],
  'nothing in the body': [
    ({ baseUrl, apiKey }, { ticketId }) => {
      const init = { method: 'POST', headers: { apikey: apiKey } };
      return okOf(fetch(`${baseUrl}/tickets/${ticketId}/status`, init));
    },
    /^sent POST \/tickets\/T-\d\/status, which nobody asked for$/,
  ],
  'right status, wrong ticket': [
    (target, change) => okOf(post(target, { ...change, ticketId: otherTicket(change) })),
    /^sent POST \/tickets\/T-\d\/status \([a-z-]+ by \d\), which nobody asked for$/,
  ],
  'one more ticket': [
    async (target, change) => {
      await post(target, { ...change, ticketId: otherTicket(change) }).catch(() => {});
      return okOf(post(target, change));
    },
    /which nobody asked for$/,
  ],
  'claims instead': [
    (target, change) => okOf(post(target, change, 'claim')),
    /^sent POST \/tickets\/T-\d\/claim \(in-progress by \d\), which nobody asked for$/,
  ],
  'makes up a key for each change': [
    (target, change) => okOf(post({ ...target, apiKey: `key of ${change.staffUserId}` }, change)),
    /^sent POST .* without the API key it was given$/,
  ],
  'says no, sends all the same': [
    (target, change) => {
      void post(target, change).catch(() => {});
      return 'not-changed';
    },
    /^after its verdict, sent POST \/tickets\/T-\d\/status/,
  ],
  'says yes, sends later': [
    async (target, change) => {
      void sleep(50).then(() => post(target, change).catch(() => {}));
      return 'changed';
    },
    /^after its verdict, sent POST/,
  ],
  'does not know, sends later': [
    async (target, change) => {
      void sleep(50).then(() => post(target, change).catch(() => {}));
      return 'unknown';
    },
    /^after its verdict, sent POST/,
  ],
  'resolves to an object': [
    async (target, change) => ({ ok: (await post(target, change)).ok }),
    /^returned an object; expected one of "changed", "not-changed", "unknown"$/,
  ],
  'resolves to undefined': [
    async (target, change) => void (await post(target, change)),
    /^returned undefined; expected one of/,
  ],
  'resolves to true': [
    async (target, change) => (await post(target, change)).status > 0,
    /^returned a boolean; expected one of/,
  ],
  'resolves to a word of its own': [async () => 'hung', /^returned "hung"; expected one of/],
  'throws a string': [
    async (target, change) => {
      await post(target, change).catch(() => {});
      throw 'no';
    },
    /^threw "no"; expected an Error$/,
  ],
  'rejects with nothing': [() => Promise.reject(), /^threw undefined; expected an Error$/],
};

const otherTicket = ({ ticketId }: RequestedChange) => (ticketId === 'T-1' ? 'T-2' : 'T-1');

async function okOf(sent: Promise<Response>): Promise<ClientVerdict> {
  const response = await sent;
  if (!response.ok) throw new Error(String(response.status));
  return 'changed';
}

describe.concurrent('a client that is wrong survives nothing', () => {
  const faults = [
    'cut-body',
    'empty-200',
    'success-false',
    'changed-nothing',
    '404',
    '401',
    'reset-before-reading',
    'wrong-content-type',
  ] as const;

  test.for(Object.entries(wrongClients))('%s', async ([name, [send, problem]]) => {
    const client = adapterOf(name, async (...asked) => (await send(...asked)) as ClientVerdict);
    const report = await runConformance([client], { faults, changes: 6, timeoutMs, watchMs: 300 });
    const [{ faults: trials, load, survived, wrong } = expect.fail()] = report.clients;
    expect(trials.filter(({ result }) => result === 'survived')).toEqual([]);
    expect(survived).toBe(0);
    expect(wrong).toBeGreaterThan(0);
    expect(load?.wrong).toBeGreaterThan(0);
    const problems = [...trials, load].map((trial) => trial?.problems ?? []);
    expect(problems.flat()).toContainEqual(expect.stringMatching(problem));
    expect(load?.problems).toContainEqual(expect.stringMatching(problem));
    expect(conformanceMarkdown(report)).toContain(`- ${name}, `);
  });
});

test.each([
  ['says no at once', async () => 'not-changed' as const],
  [
    'throws at once',
    async () => {
      throw new Error('not today');
    },
  ],
  [
    'only reads',
    async (target: ConformanceTarget, change: RequestedChange) => {
      await read(target, change);
      return 'not-changed' as const;
    },
  ],
])('a client that asks for nothing and %s survives no fault', async (name, send) => {
  const { clients } = await runConformance([adapterOf(name, send)], {
    faults: ['404', '401', '409', 'success-false', 'changed-nothing', 'empty-200'],
    changes: 0,
    timeoutMs,
    watchMs,
  });
  expect(clients[0]?.survived).toBe(0);
  expect(clients[0]?.faults.map(({ result }) => result)).toEqual([
    ...Array.from({ length: 5 }, () => 'wrong'),
    'lost',
  ]);
  expect(clients[0]?.faults[0]?.problems).toEqual(['sent no change']);
});

test('a client that reads first meets the fault with its write', async () => {
  const careless = adapterOf('careless', async (target, change) => {
    await read(target, change);
    await post(target, change).catch(() => {});
    return okOf(post(target, change));
  });
  const faults = ['reset-after-applying', '503-before-applying', 'changed-nothing'] as const;
  const { clients } = await runConformance([careless], { faults, changes: 0, timeoutMs, watchMs });
  const results = clients[0]?.faults.map(({ result }) => result);
  expect(results).toEqual(['duplicated', 'survived', 'survived']);
});

test.each<readonly [string, (location: string, key: string) => Promise<unknown>]>([
  ['a header', (url, key) => fetch(url, { headers: { authorization: `Bearer ${key}` } })],
  ['the address', (url, key) => fetch(`${url}?apikey=${key}`)],
  ['the body', (url, key) => fetch(url, { method: 'POST', body: JSON.stringify({ key }) })],
])('a key is leaked in %s, too', async (_, follow) => {
  const following = adapterOf('following', async (target, change) => {
    const response = await post(target, change, 'status', { redirect: 'manual' });
    await follow(response.headers.get('location') ?? '', target.apiKey);
    return 'not-changed';
  });
  const faults = ['redirect-elsewhere'] as const;
  const { clients } = await runConformance([following], { faults, changes: 0, timeoutMs, watchMs });
  expect(clients[0]?.faults).toMatchObject([{ result: 'key leaked' }]);
});

test('a client that writes twice with one verdict has written twice', async () => {
  const twice = adapterOf('twice', async (target, change) => {
    await post(target, change).catch(() => {});
    return okOf(post(target, change));
  });
  const { clients } = await runConformance([twice], {
    faults: ['cut-body', 'wrong-content-type', '500-after-applying'],
    changes: 3,
    timeoutMs,
    watchMs,
  });
  expect(clients[0]).toMatchObject({ survived: 0, duplicates: 3, load: { duplicates: 3 } });
});

test('what is still under way is waited for, however long it takes to arrive', async () => {
  const dribbling = adapterOf('dribbling', async ({ baseUrl, apiKey }, change) => {
    const body = JSON.stringify({ status: change.status, staffUserId: change.staffUserId });
    const pieces = async function* () {
      yield body.slice(0, 5);
      await sleep(700);
      yield body.slice(5);
    };
    const init = { method: 'POST', body: pieces(), duplex: 'half', headers: { apikey: apiKey } };
    const url = `${baseUrl}/tickets/${change.ticketId}/status`;
    void fetch(url, init as unknown as RequestInit).catch(() => {});
    // The server has its head by now, and waits for the rest.
    await sleep(50);
    return 'not-changed';
  });
  const { clients } = await runConformance([dribbling], {
    faults: ['empty-200'],
    changes: 0,
    watchMs: 150,
  });
  expect(clients[0]?.faults).toMatchObject([{ result: 'wrong', writes: 1 }]);
});

test('the types know the three verdicts, and take nothing else', () => {
  expectTypeOf<ClientVerdict>().toEqualTypeOf<'changed' | 'not-changed' | 'unknown'>();
  expectTypeOf<
    ReturnType<ReturnType<ConformanceAdapter['connect']>['changeStatus']>
  >().toEqualTypeOf<Promise<'changed' | 'not-changed' | 'unknown'>>();
});

test.each([
  [{ timeoutMs: 0 }, 'option "timeoutMs" must be an integer of at least 1; received 0'],
  [{ changes: 1.5 }, 'option "changes" must be an integer of at least 0; received 1.5'],
  [{ faults: ['402' as '401'] }, 'option "faults" must be of connection-refused, '],
  [{ faults: '401' as never }, 'option "faults" must be a list of faults; received "401"'],
  [
    { changes: 3, change: 3 },
    'runConformance: unknown option "change"; expected one of faults, changes, timeoutMs, deadlineMs, watchMs, concurrency, onClient.',
  ],
])('refuses %j', async (options, message) => {
  await expect(runConformance([simple], options)).rejects.toThrow(message);
});

test('a client without a name is refused before any runs', async () => {
  const heard: string[] = [];
  const options = { faults: [], changes: 0, onClient: () => void heard.push('one') };
  const nameless = { connect: simple.connect } as unknown as ConformanceAdapter;
  await expect(runConformance([simple, nameless], options)).rejects.toThrow(
    'runConformance: the name of client 2 must be a text; received undefined.',
  );
  expect(heard).toEqual([]);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no certificate');
    },
    'connect threw "no certificate"',
  ],
  ['is missing', undefined, 'connect is undefined; expected a function'],
  [
    'returns nothing of use',
    async () => ({}),
    'connect returned an object without a function changeStatus',
  ],
])('a client whose connect %s is wrong, and the others run', async (_, connect, problem) => {
  const unconnected = { name: 'unconnected', connect } as unknown as ConformanceAdapter;
  const options = { faults: ['404'], changes: 3, timeoutMs, watchMs } as const;
  const report = await runConformance([unconnected, simple], options);
  const [first, second] = report.clients;
  expect(first).toMatchObject({
    client: 'unconnected',
    faults: [{ result: 'wrong', verdict: 'none', problems: [problem] }],
    load: { lost: 3, wrong: 3 },
  });
  expect(second).toMatchObject({ client: 'simple', survived: 1, load: { lost: 0 } });
  expect(conformanceMarkdown(report)).toContain(`- unconnected, \`404\`: ${problem}`);
});

test.each([
  ['fails', () => Promise.reject(new Error('still open')), 'close threw "still open"'],
  ['hangs', () => new Promise<void>(() => {}), 'close did not end'],
])('a client whose close %s has its problem, and the others run', async (_, close, problem) => {
  const clingy: ConformanceAdapter = {
    name: 'clingy',
    connect: (target) => ({ ...simple.connect(target), close }),
  };
  const deadlineMs = 2000;
  const options = { faults: ['404'], changes: 3, timeoutMs, watchMs, deadlineMs } as const;
  const { clients } = await runConformance([clingy, simple], options);
  const problems = [problem];
  expect(clients[0]).toMatchObject({ faults: [{ result: 'wrong', problems }], load: { problems } });
  expect(clients[1]?.survived).toBe(1);
});
