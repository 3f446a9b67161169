import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import { defineLifecycle, ticketLifecycle, type ParsedEvent } from '../../src/index.ts';

const lifecycle = defineLifecycle(
  {
    initial: 'open',
    states: {
      open: { on: { CLOSE: 'closed', toString: 'closed' } },
      closed: { on: { REOPEN: 'open' } },
    },
  },
  { payloads: { CLOSE: z.object({ reason: z.string() }) } },
);

test('an event from outside is given as it was sent', () => {
  expect(lifecycle.parseEvent('REOPEN')).toEqual({ valid: true, event: { type: 'REOPEN' } });
  const close = { type: 'CLOSE', reason: 'Answered.', note: 1 };
  expect(lifecycle.parseEvent(close)).toEqual({ valid: true, event: close });
  // A name that every object has is an event only because the definition has it.
  expect(lifecycle.parseEvent('toString').valid).toBe(true);
  const parsed = ticketLifecycle.parseEvent('START');
  if (parsed.valid) {
    expectTypeOf(parsed.event.type).toEqualTypeOf<'START' | 'RESOLVE' | 'CLOSE' | 'REOPEN'>();
    expect(ticketLifecycle.next('open', parsed.event)).toBe('in-progress');
  }
});

test('what the payload lacks is a blocker for each', () => {
  expect(lifecycle.parseEvent('CLOSE')).toMatchObject({
    valid: false,
    blockers: [{ code: 'payload', parameters: { event: 'CLOSE', path: ['reason'] } }],
  });
});

describe('what is no event is a blocker, and never throws', () => {
  const throwing = {
    get type(): string {
      throw new Error('no');
    },
  };
  const late = {
    type: 'CLOSE',
    get reason(): string {
      throw new Error('no');
    },
  };
  const proxy = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no');
      },
    },
  );
  test.each<[title: string, input: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a symbol', Symbol('CLOSE')],
    ['a list', ['REOPEN']],
    ['a list with a type', Object.assign([], { type: 'REOPEN' })],
    ['another name', 'CLSOE'],
    ['a name that every object has', '__proto__'],
    ['an object with such a name', { type: 'constructor' }],
    ['a type of its prototype', Object.create({ type: 'REOPEN' })],
    ['a type that is no text', { type: ['REOPEN'] }],
    ['a String', Object('REOPEN')],
    ['a function', () => 'REOPEN'],
    ['a getter that throws', throwing],
    ['another getter that throws', late],
    ['a proxy', proxy],
  ])('%s', (_, input) => {
    const parsed: ParsedEvent = lifecycle.parseEvent(input);
    expect(parsed).toMatchObject({ valid: false, blockers: [{ code: 'unknown-event' }] });
  });

  test('nor does anything else', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (input) => {
          const parsed = lifecycle.parseEvent(input);
          expect(
            parsed.valid ? lifecycle.isEvent(parsed.event.type) : parsed.blockers.length > 0,
          ).toBe(true);
          expect(lifecycle.parseEvent({ type: 'REOPEN', input }).valid).toBe(true);
        },
      ),
    );
  });

  test('not even a schema that throws', () => {
    const validate = () => {
      throw new Error('broken');
    };
    const broken = defineLifecycle(
      { initial: 'open', states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } } },
      { payloads: { CLOSE: { '~standard': { validate } } } },
    );
    expect(broken.parseEvent('CLOSE')).toMatchObject({
      valid: false,
      blockers: [
        {
          code: 'payload',
          message: expect.stringMatching(
            /^Invalid payload for CLOSE: its schema can't tell: .*The lifecycle can't answer/,
          ),
          parameters: { path: [] },
        },
      ],
    });
  });
});

test('a name is an event exactly when the definition has it', () => {
  for (const name of lifecycle.events) expect(lifecycle.isEvent(name)).toBe(true);
  for (const name of ['CLSOE', '', null, undefined, 5, ['CLOSE'], '__proto__', 'valueOf']) {
    expect(lifecycle.isEvent(name)).toBe(false);
  }
});
