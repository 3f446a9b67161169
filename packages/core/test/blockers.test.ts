import { describe, expect, test } from 'vitest';
import { ticketLifecycle, TransitionBlockedError, type Lifecycle } from '../src/index.ts';
import { blockersOf, codesOf, parameterOf } from './support/blockers-of.ts';

// As a program without types would use it.
const lifecycle = ticketLifecycle as unknown as Lifecycle;
const explain = (state: unknown, event: unknown) =>
  lifecycle.explain(state as string, event as string);

const withoutPrototype: unknown = Object.create(null);
const withBrokenText = {
  toString() {
    throw new Error('no text');
  },
};
const strangeNames: [title: string, name: unknown][] = [
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['hasOwnProperty', 'hasOwnProperty'],
  ['an empty name', ''],
  ['a name of 10 kB', 'x'.repeat(10_240)],
  ['another case', 'OPEN'],
  ['a name with a space behind it', 'open '],
  ['null', null],
  ['undefined', undefined],
  ['a symbol', Symbol('open')],
  ['a number', 5],
  ['a BigInt', 5n],
  ['a function', () => 'open'],
  ['an array', ['open']],
  ['an empty object', {}],
  ['an object without a prototype', withoutPrototype],
  ['an object that has no text', withBrokenText],
];

describe('a name that is not ours is blocked, and nothing crashes', () => {
  test.each(strangeNames)('%s as the state', (_, name) => {
    expect(codesOf(explain(name, 'START'))).toEqual(['unknown-state']);
    expect(lifecycle.can(name as string, 'START')).toBe(false);
    expect(lifecycle.isState(name)).toBe(false);
    expect(lifecycle.statusOf(name as string)).toBeUndefined();
    expect(lifecycle.enabled(name as string)).toEqual([]);
    expect(lifecycle.eventsBetween(name as string, name as string)).toEqual([]);
    expect(lifecycle.observe(name as string, name as string)).toEqual({ kind: 'unknown-status' });
    expect(() => lifecycle.next(name as string, 'START')).toThrow(TransitionBlockedError);
  });

  test.each(strangeNames)('%s as the state, when all events are asked for', (_, name) => {
    const verdicts = lifecycle.enabled(name as string, undefined, { includeBlocked: true });
    expect(verdicts.map(({ event }) => event)).toEqual(lifecycle.events);
    expect(new Set(verdicts.flatMap(codesOf))).toEqual(new Set(['unknown-state']));
  });

  test.each(strangeNames)('%s as the event', (_, name) => {
    expect(codesOf(explain('open', name))).toEqual(['unknown-event']);
    expect(codesOf(explain('open', { type: name }))).toEqual(['unknown-event']);
    expect(lifecycle.can('open', name as string)).toBe(false);
    expect(() => lifecycle.next('open', name as string)).toThrow(TransitionBlockedError);
  });

  test.each(strangeNames)('%s as both gives both reasons at once', (_, name) => {
    expect(codesOf(explain(name, name))).toEqual(['unknown-state', 'unknown-event']);
  });
});

test('an unknown name is quoted, and what would be right is named', () => {
  expect(blockersOf(explain('opne', 'STRAT'))).toEqual([
    {
      code: 'unknown-state',
      message:
        'There is no state "opne". The states are open, in-progress, resolved, closed. Did you mean open?',
      parameters: { state: 'opne', states: ['open', 'in-progress', 'resolved', 'closed'] },
    },
    {
      code: 'unknown-event',
      message:
        'There is no event "STRAT". The events are START, RESOLVE, CLOSE, REOPEN. Did you mean START?',
      parameters: { event: 'STRAT', events: ['START', 'RESOLVE', 'CLOSE', 'REOPEN'] },
    },
  ]);
});

test.each([
  ['start', 'START'],
  ['RESOLV', 'RESOLVE'],
  ['CLOES', 'CLOSE'],
  ['RE-OPEN', 'REOPEN'],
])('%s as the event makes one think of %s', (given, meant) => {
  const [blocker] = blockersOf(explain('open', given));
  expect(blocker?.message).toMatch(new RegExp(` Did you mean ${meant}\\?$`));
});

test('a name that is like none makes one think of none', () => {
  for (const name of ['PAUSE', 'x', 'in-progress', 'x'.repeat(10_240)]) {
    expect(blockersOf(explain('open', name))[0]?.message).not.toContain('Did you mean');
  }
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['an empty text', ''],
  ['an object without a type', { event: 'CLOSE' }],
  ['a type that is null', { type: null }],
  ['a type that is a list', { type: ['START'] }],
  ['a list', ['START']],
])('%s as the event says where its name belongs', (_, given) => {
  const expected =
    'The event has no name. Pass its name, or an object with the name as "type". The events are START, RESOLVE, CLOSE, REOPEN.';
  expect(blockersOf(explain('open', given))[0]?.message).toBe(expected);
  const parsed = lifecycle.parseEvent(given);
  expect(parsed.valid ? [] : parsed.blockers.map(({ message }) => message)).toEqual([expected]);
});

test('a misspelt event still says what would be possible', () => {
  const verdict = explain('resolved', 'CLOES');
  expect(verdict.allowed ? [] : verdict.enabled.map(({ event }) => event)).toEqual([
    'CLOSE',
    'REOPEN',
  ]);
});

test('a name of 10 kB is shortened in the message and whole in the parameters', () => {
  const name = 'x'.repeat(10_240);
  const [blocker] = blockersOf(explain(name, 'START'));
  expect(blocker?.message.length).toBeLessThan(200);
  expect(parameterOf(blocker, 'state')).toBe(name);
});

test('a name of eighty characters is shown whole, and one more is cut', () => {
  const [whole] = blockersOf(explain('x'.repeat(80), 'START'));
  expect(whole?.message).toContain(`"${'x'.repeat(80)}"`);
  const [cut] = blockersOf(explain('x'.repeat(81), 'START'));
  expect(cut?.message).toContain(`"${'x'.repeat(80)}…"`);
});

test('a line break or a quote in a name cannot break the message', () => {
  const [blocker] = blockersOf(explain('open"\nGranted.', 'START'));
  expect(blocker?.message).toContain(String.raw`"open\"\nGranted."`);
});

test('a symbol is named in the message', () => {
  expect(blockersOf(explain('open', Symbol('x')))[0]?.message).toContain('"Symbol(x)"');
});

test('a verdict and its reasons cannot be changed by who receives them', () => {
  const verdict = explain('open', 'CLOSE');
  const [blocker] = blockersOf(verdict);
  for (const part of [verdict, blockersOf(verdict), blocker, blocker?.parameters]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
  expect(Object.isFrozen(explain('open', 'START'))).toBe(true);
});
