import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { createSandbox, type FaultKind, faultKinds, type SandboxOptions } from '../../src/index.ts';
import { description } from '../support/description.ts';
import { prepareSandbox } from '../support/prepare-sandbox.ts';

test('a validator of OpenAPI accepts the description, as version 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...description })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('the same validator refuses a description that is wrong', async () => {
  const { paths, ...rest } = description;
  const wrong = { ...rest, paths: Object.values(paths) };
  expect(await new Validator().validate(wrong)).toMatchObject({ valid: false });
});

const every = ['401', '403', '404', '405', '408', '409', '429', '500', '502', '503', '504'];
const responsesOf = ([method, path]: Call) => description.paths[path]?.[method]?.responses ?? {};

type Call = readonly [method: 'get' | 'post', path: string];
const calls: readonly Call[] = [
  ['post', '/tickets/{ticketId}/status'],
  ['post', '/tickets/{ticketId}/claim'],
  ['post', '/tickets/{ticketId}/unclaim'],
  ['get', '/tickets/get/{ticketId}'],
  ['get', '/tickets/list'],
];

test('names every call, and for each what can go wrong', () => {
  const described = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => [method, path]),
  );
  expect(described).toEqual(calls);
  for (const call of calls) {
    const invalid = call[1].startsWith('/tickets/get/') ? [] : ['400'];
    const statuses = ['200', '307', ...invalid, ...every].toSorted();
    expect([call, Object.keys(responsesOf(call))]).toEqual([call, statuses]);
  }
});

interface Ask {
  readonly options?: SandboxOptions;
  readonly fault?: FaultKind;
  readonly init?: RequestInit;
  readonly query?: string;
  readonly ticketId?: string;
}

/** Makes one call of a fresh sandbox, and says what was sent: status, type, names of headers. */
async function ask([method, path]: Call, asked: Ask) {
  const { options, fault, init, query = '', ticketId = 'T-1' } = asked;
  const { sandbox } = prepareSandbox({
    tickets: [{ ticketId: 'T-1', ...(path.endsWith('/unclaim') ? { claimedBy: 7 } : {}) }],
    ...options,
  });
  if (fault !== undefined) sandbox.faults.next(1, fault);
  const body = method === 'post' ? { body: '{"status":"resolved","staffUserId":7}' } : {};
  const headers = { apikey: 'any', 'content-type': 'application/json' };
  const url = path.replace('{ticketId}', ticketId) + query;
  const leave = new AbortController();
  const { signal } = leave;
  const request = { method, headers, redirect: 'manual', signal, ...body, ...init } as const;
  const answer = sandbox.fetch(url, request).catch(() => undefined);
  while (sandbox.requests.length === 0) await setImmediate();
  if (sandbox.requests[0]?.status === 0) leave.abort();
  const response = await answer;
  const type = response?.headers.get('content-type')?.split(';')[0];
  // Every server sends a date; it is no part of this API.
  const own = new Set(['content-type', 'date']);
  const names = [...(response?.headers.keys() ?? [])].filter((name) => !own.has(name));
  return { status: response?.status, type, names, fault: sandbox.requests[0]?.fault };
}

// These answer with a 200 that no description would allow: that is what they are for.
const breaking: readonly FaultKind[] = ['empty-200', 'success-false', 'wrong-content-type'];

const asks: readonly (readonly [name: string, Ask])[] = [
  ...faultKinds.flatMap((fault) =>
    (['json', 'text', 'none'] as const).map((form) => {
      const options = { limitedBody: form, serverErrorBody: form };
      return [`fault ${fault}, ${form}`, { fault, options }] as const;
    }),
  ),
  ...(['json', 'text', 'none'] as const).flatMap((missingKeyBody) =>
    ([401, 403] as const).map((missingKey) => {
      const options = { missingKey, missingKeyBody };
      return [
        `no key, ${missingKey}, ${missingKeyBody}`,
        { options, init: { headers: {} } },
      ] as const;
    }),
  ),
  ...(['seconds', 'date', 'none'] as const).map((retryAfter) => {
    // The stranger has taken the only place.
    const options = { requestsPerSecond: 1, stranger: { requestsPerSecond: 10_000 }, retryAfter };
    return [`limited, ${retryAfter}`, { options }] as const;
  }),
  ['right', {}],
  ['no subscription', { options: { subscription: 'none' } }],
  ['no module', { options: { ticketsModule: 'disabled' } }],
  ['no such ticket', { ticketId: 'T-9' }],
  ['another method', { init: { method: 'DELETE' } }],
  ['a bad body', { init: { body: '[' } }],
  ['a bad query', { query: '?page=none' }],
];

test.each(calls)('%s %s sends only what is described, and all of it', async (...call) => {
  const responses = responsesOf(call);
  const sent = new Set<string>();
  const undescribed: string[] = [];
  for (const [name, asked] of asks) {
    // A GET has no body.
    if (asked.init?.body !== undefined && call[0] === 'get') continue;
    const { status, type, names } = await ask(call, asked);
    if (status === undefined) continue;
    sent.add(String(status));
    const { headers = {}, content = {} } = responses[status] ?? {};
    const isBroken = asked.fault !== undefined && breaking.includes(asked.fault);
    const missing = [
      ...(responses[status] === undefined ? ['status'] : []),
      ...names.filter((header) => !(header in headers)),
      ...(type === undefined || isBroken || type in content ? [] : [type]),
    ];
    undescribed.push(...missing.map((what) => `${name}: ${status} ${what}`));
  }
  expect(undescribed).toEqual([]);
  expect([...sent].toSorted()).toEqual(Object.keys(responses));
});

test('names every guess, as the guide does, and follows the one about the body of an unclaim', async () => {
  const guide = new URL('../../../../docs/guides/sandbox.md', import.meta.url);
  const [, table = ''] = readFileSync(guide, 'utf8').split(
    '## Choose what the documentation leaves open',
  );
  const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
  const list = /option of the sandbox: (.*)\.$/.exec(description.info.description)?.[1];
  expect(list?.split(', ').toSorted()).toEqual(named.toSorted());

  const unclaim = '/tickets/{ticketId}/unclaim';
  const describedWith = async (options: SandboxOptions) => {
    const answer = await createSandbox(options).fetch('/openapi.json');
    return (await answer.json()) as typeof description;
  };
  const schemaOf = async (options: SandboxOptions) =>
    (await describedWith(options)).paths[unclaim]?.['post']?.requestBody;
  const { info } = await describedWith({ requestsPerSecond: 10 });
  expect(info.description).toContain('All calls share 10 requests per second and key.');
  const reference = (name: string) => ({
    'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
  });
  expect(await schemaOf({})).toEqual({ required: false, content: reference('Unclaim') });
  expect(await schemaOf({ unclaimBody: 'staffUserId' })).toEqual({
    required: true,
    content: reference('StaffMember'),
  });
});
