import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { defineLifecycle } from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';
import { faultsOf, machineOf } from '../support/machine-of.ts';

// Where a question comes without a context, the machine's own decides, however it is written.

const guards = { isFree: ({ context }: { context: { frozen?: boolean } }) => !context.frozen };
const configWith = <Context>(context: Context) => ({
  context,
  initial: 'open' as const,
  states: {
    open: { on: { CLOSE: { target: 'closed', guard: 'isFree' } } },
    closed: { on: { REOPEN: 'open' } },
  },
});

describe.each([true, false])('a context with frozen: %s', (frozen) => {
  test.each([
    ['an object', { frozen }],
    ['a function', () => ({ frozen })],
  ])('written as %s decides as in XState', (_, context) => {
    const machine = machineOf(configWith(context), guards);
    const live = createActor(machine).start().getSnapshot().can({ type: 'CLOSE' });
    expect(live).toBe(!frozen);
    for (const lifecycle of [
      defineLifecycle(machine),
      defineLifecycle(configWith(context), { guards }),
    ]) {
      expect(lifecycle.can('open', 'CLOSE')).toBe(live);
      expect(lifecycle.explain('open', 'CLOSE').allowed).toBe(live);
      expect(lifecycle.enabled('open')).toHaveLength(live ? 1 : 0);
      expect(lifecycle.plan('open', 'closed').kind).toBe(live ? 'plan' : 'blocked');
    }
    expect(defineLeanLifecycle(machine).can('open', 'CLOSE')).toBe(live);
  });
});

test('a function is called once, and the context of a question comes first', () => {
  let calls = 0;
  const context = () => ({ frozen: (calls += 1) > 0 });
  const lifecycle = defineLifecycle(machineOf(configWith(context), guards));
  expect([lifecycle.can('open', 'CLOSE'), lifecycle.can('open', 'CLOSE')]).toEqual([false, false]);
  expect(calls).toBe(1);
  expect(lifecycle.can('open', 'CLOSE', { frozen: false })).toBe(true);
});

const asking = (problem: string) =>
  `This function ${problem}. It is called once, without an actor. Use an object, or a function that takes nothing: it decides where a question comes without a context.`;

test.each<[problem: string, context: (given: Record<string, never>) => unknown]>([
  ['asks for input', ({ input }) => ({ frozen: input })],
  ['asks for input', (given) => ({ frozen: given['input']?.['frozen'] ?? true })],
  ['asks for spawn', ({ spawn }) => ({ child: spawn?.['ticket'] })],
  ['asks for self', ({ self }) => ({ self })],
  ['threw: Error: no settings', () => thrown(new Error('no settings'))],
  ['returns a Promise', async () => ({ frozen: true })],
  ['returns a Promise', () => Promise.reject(new Error('no settings'))],
  ['returns nothing', () => undefined],
  ['returns null', () => null],
  ['returns an array', () => [true]],
])('a function that %s is refused', (problem, context) => {
  const fault = { code: 'computed-context', path: 'context', message: asking(problem) };
  expect(faultsOf(machineOf(configWith(context), guards))).toEqual([fault]);
  expect(() => defineLifecycle(configWith(context), { guards } as object)).toThrow(problem);
  expect(() => defineLeanLifecycle(configWith(context), { guards } as object)).toThrow(
    'computed-context',
  );
});

function thrown(error: Error): never {
  throw error;
}
