import { expect, test } from 'vitest';
import { createSandbox, type SandboxOptions } from '../src/index.ts';

test.each([
  ['requestsPerSecond', 0, 'an integer of at least 1; received 0'],
  ['requestsPerSecond', NaN, 'an integer of at least 1; received NaN'],
  ['requestsPerSecond', 10n, 'an integer of at least 1; received 10'],
  ['limit', 'fixed', '"leaky-bucket", "one-at-a-time" or "none"; received "fixed"'],
  ['burst', 0, 'an integer of at least 1; received 0'],
  ['stranger', { requestsPerSecond: 0 }, 'above 0 and up to 10000; received'],
  ['stranger', { requestsPerSecond: 5n }, 'received an object that JSON can not hold'],
  ['missingKey', 404, '401 or 403; received 404'],
  ['subscription', 'basic', '"premium", "enterprise" or "none"; received "basic"'],
  ['ticketsModule', false, '"enabled" or "disabled"; received false'],
  ['retryAfter', 'minutes', '"seconds", "date" or "none"; received "minutes"'],
  ['limitedBody', 'html', '"json", "text" or "none"; received "html"'],
  ['sameStatus', Symbol('x'), '"adds-message" or "no-message"; received symbol'],
  ['delayMs', { beforeCounting: [5, 1] }, 'with 0 ≤ min ≤ max; received {"beforeCounting":[5,1]}'],
  ['delayMs', { before: 'x'.repeat(80) }, 'xxx…'],
  ['seed', 0.5, 'an integer; received 0.5'],
  ['sleep', 10, 'a function; received 10'],
  ['clock', () => 0, 'a clock with now(); received a function'],
  ['startedAt', new Date(NaN), 'a valid Date; received null'],
  ['maxRecordedRequests', -1, 'an integer of at least 0; received -1'],
  ['tickets', 'T-1', 'a list of tickets; received "T-1"'],
])('option %s does not take %s', (name, value, expected) => {
  const options = { [name]: value } as SandboxOptions;
  expect(() => createSandbox(options)).toThrow(`createSandbox: option "${name}" must be `);
  expect(() => createSandbox(options)).toThrow(expected);
});

test('names an option that does not exist, and those that do', () => {
  const options = { requestPerSecond: 25 } as SandboxOptions;
  expect(() => createSandbox(options)).toThrow(
    'createSandbox: unknown option "requestPerSecond"; expected one of tickets, limit, requestsPerSecond, ',
  );
});

test.each([
  ['faults.rate', () => createSandbox().faults.rate(0.5, { fault: ['401'] } as object)],
  ['verify', () => createSandbox().verify({ intend: {} } as object)],
])('%s knows its options, too', (owner, call) => {
  expect(call).toThrow(`${owner}: unknown option "`);
});

test('an option that is undefined is left out, and the machine’s own clock is one', () => {
  const options = { seed: undefined, clock: performance };
  expect(createSandbox(options).requests).toEqual([]);
});
