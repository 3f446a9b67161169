import { expect, test } from 'vitest';
import {
  type ClientVerdict,
  type ConformanceAdapter,
  conformanceMarkdown,
  type ConformanceTarget,
  type RequestedChange,
  runConformance,
} from '../src/conformance/index.ts';
import { faultKinds } from '../src/index.ts';

const post = ({ baseUrl, apiKey, timeoutMs }: ConformanceTarget, change: RequestedChange) =>
  fetch(`${baseUrl}/tickets/${change.ticketId}/status`, {
    method: 'POST',
    headers: { apikey: apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ status: change.status, staffUserId: change.staffUserId }),
    signal: AbortSignal.timeout(timeoutMs),
  });

const adapterOf = (
  name: string,
  send: (target: ConformanceTarget, change: RequestedChange) => Promise<ClientVerdict | void>,
): ConformanceAdapter => ({
  name,
  connect: (target) => ({ changeStatus: (change) => send(target, change) }),
});

const simple = adapterOf('simple', async (target, change) => {
  const response = await post(target, change);
  if (!response.ok) throw new Error(String(response.status));
});

const stubborn = adapterOf('stubborn', async (target, change) => {
  for (let sent = 0; sent < 3; sent += 1) {
    const response = await post(target, change).catch(() => undefined);
    if (response?.ok === true) return;
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
  const { clients } = await runConformance([simple, stubborn, doubtful, silent, lying], {
    faults,
    changes: 0,
    deadlineMs: 3000,
  });
  const seen = clients.map(({ client, faults: trials }) => [
    client,
    ...trials.map(({ result }) => result),
  ]);
  expect(seen).toEqual([
    ['simple', 'survived', 'lost', 'wrong', 'key leaked', 'survived'],
    ['stubborn', 'survived', 'survived', 'duplicated', 'key leaked', 'survived'],
    ['doubtful', 'in doubt', 'in doubt', 'in doubt', 'key leaked', 'survived'],
    ['silent', 'hung', 'hung', 'hung', 'hung', 'hung'],
    ['lying', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong'],
  ]);
  expect(clients[1]).toMatchObject({
    survived: 3,
    inDoubt: 0,
    lost: 0,
    duplicates: 1,
    wrongVerdicts: 1,
    hung: 0,
    keysLeaked: 1,
    load: undefined,
  });
});

test('counts what a crowd of changes costs a client that knows no limit', async () => {
  const { clients } = await runConformance([simple, lying], { faults: [], changes: 30 });
  expect(clients).toMatchObject([
    { load: { changes: 30, limited: 5, lost: 5, duplicates: 0, wrongVerdicts: 0 } },
    { load: { changes: 30, limited: 0, lost: 30, duplicates: 0, wrongVerdicts: 30 } },
  ]);
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
  const { clients } = await runConformance([backwards], { faults: [], changes: 3 });
  expect(clients[0]?.load).toMatchObject({ lost: 0, outOfOrder: 2 });
});

test('tries every fault, unless told otherwise, and closes each client', async () => {
  let open = 0;
  const counted: ConformanceAdapter = {
    name: 'counted',
    connect() {
      open += 1;
      return { changeStatus: async () => 'not-changed', close: () => void (open -= 1) };
    },
  };
  const heard: string[] = [];
  const { clients } = await runConformance([counted], {
    changes: 3,
    onClient: ({ client }) => heard.push(client),
  });
  expect(clients[0]?.faults.map(({ fault }) => fault)).toEqual(faultKinds);
  expect([open, heard]).toEqual([0, ['counted']]);
});

test('writes a report for people, and the same as data', async () => {
  const report = await runConformance([simple, adapterOf('a|b', async () => 'unknown')], {
    faults: ['404', 'cut-body'],
    changes: 3,
    timeoutMs: 500,
  });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  const markdown = conformanceMarkdown(report).replaceAll(/ \d+\.\d \|/g, ' 0.0 |');
  expect(markdown).toContain('| client | survived of 2 | in doubt |');
  expect(markdown).toContain('| simple | 2 | 0 | 0 | 0 | 0 | 0 | 0 |');
  expect(markdown).toContain('| a\\|b | 0 | 3 | 0 | 0 | 0 | 0.0 |');
  expect(markdown).toContain('| `404` | ✓ | ? | Not applied: the ticket is said not to exist. |');
  expect(markdown.endsWith('\n')).toBe(true);
});

test.each([
  [{ timeoutMs: 0 }, 'option "timeoutMs" must be an integer of at least 1; received 0'],
  [{ changes: 1.5 }, 'option "changes" must be an integer of at least 0; received 1.5'],
  [{ faults: ['402' as '401'] }, 'option "faults" must be of connection-refused, '],
])('refuses %j', async (options, message) => {
  await expect(runConformance([simple], options)).rejects.toThrow(message);
});
