import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exitCodes, exitCodesHelp } from '../src/exit-code.ts';
import { createTally, exitCodeOf } from '../src/bulk/tally.ts';
import { serverThat } from './support/api.ts';
import { start } from './support/cli.ts';

const nothing = createTally().summary();
const calm = nothing.outcomes;

test('a run in which everything arrived ends with 0', () => {
  const outcomes = { ...calm, confirmed: 3, unchanged: 2 };
  expect(exitCodeOf({ ...nothing, outcomes })).toBe(0);
});

test('of several things that went wrong, the one that needs a look first counts', () => {
  const all = {
    ...nothing,
    outcomes: { ...calm, unknown: 1, refused: 2, 'not-sent': 1, blocked: 1 },
    keyRefused: 1,
    unreadable: 1,
  };
  const without = (...kinds: (keyof typeof calm)[]) => ({
    ...all,
    outcomes: { ...all.outcomes, ...Object.fromEntries(kinds.map((kind) => [kind, 0])) },
  });
  expect(exitCodeOf(all)).toBe(6);
  expect(exitCodeOf(without('unknown'))).toBe(4);
  expect(exitCodeOf({ ...without('unknown'), keyRefused: 0 })).toBe(5);
  expect(exitCodeOf({ ...without('unknown', 'refused'), keyRefused: 0 })).toBe(75);
  const quiet = { ...without('unknown', 'refused', 'not-sent'), keyRefused: 0 };
  expect(exitCodeOf(quiet)).toBe(65);
  expect(exitCodeOf({ ...quiet, unreadable: 0 })).toBe(3);
});

test('the guide tells the same exit codes as the help', () => {
  const guide = new URL('../../../docs/guides/bulk.md', import.meta.url);
  const rows = [...readFileSync(guide, 'utf8').matchAll(/^\| (\d+) +\| (.*\S) +\|$/gm)];
  const told = rows.map(([, code, meaning = '']) => `${code} ${meaning.replaceAll('`', '')}`);
  const helped = [...exitCodesHelp.matchAll(/^ {2}(\d+) +(.*)$/gm)];
  expect(told).toEqual(helped.map(([, code, meaning]) => `${code} ${meaning}`));
  expect(told).toHaveLength(12);
});

test.each([
  ['SIGHUP', exitCodes.hungUp],
  ['SIGINT', exitCodes.interrupted],
  ['SIGTERM', exitCodes.terminated],
] as const)('a command that %s has stopped ends with %i', async (signal, code) => {
  const arrival = Promise.withResolvers<void>();
  const url = await serverThat(() => arrival.resolve());
  const { child, ended } = start(['observe', 'T-1', '--base-url', url]);
  await arrival.promise;
  child.kill(signal);
  expect((await ended).code).toBe(code);
});
