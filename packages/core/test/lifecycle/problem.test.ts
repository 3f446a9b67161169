import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  defineLifecycle,
  messages,
  problemSchema,
  ticketLifecycle,
  toProblem,
  translate,
  type BlockedTransition,
  type Verdict,
} from '../../src/index.ts';

const isProblem = new Ajv2020({ strict: true }).compile(problemSchema);
const lifecycle = defineLifecycle(
  {
    context: { role: 'agent' },
    initial: 'open',
    states: {
      open: { on: { CLOSE: { target: 'closed', guard: { type: 'has', params: { n: 1n } } } } },
      closed: { on: { REOPEN: 'open' } },
    },
  },
  {
    guards: { has: () => false },
    payloads: { CLOSE: z.object({ reason: z.string() }) },
  },
);
const blocked = (verdict: Verdict): BlockedTransition => {
  if (verdict.allowed) throw new Error('allowed');
  return verdict;
};
const verdicts: [title: string, verdict: BlockedTransition, status: number][] = [
  ['no such transition', blocked(ticketLifecycle.explain('open', 'CLOSE')), 409],
  ['an unknown event', blocked(ticketLifecycle.explain('open', 'STRAT' as never)), 422],
  ['an unknown state', blocked(ticketLifecycle.explain('opne' as never, 'START')), 422],
  ['no names at all', blocked(ticketLifecycle.explain(Symbol('a') as never, 5 as never)), 422],
  ['a payload and a guard', blocked(lifecycle.explain('open', 'CLOSE' as never)), 422],
  ['a guard', blocked(lifecycle.explain('open', { type: 'CLOSE', reason: 'x' } as never)), 409],
];

describe('a blocked verdict is a problem as RFC 9457 has it', () => {
  test.each(verdicts)('%s', (_, verdict, status) => {
    const problem: unknown = JSON.parse(JSON.stringify(toProblem(verdict, { instance: '/t/1' })));
    expect(isProblem(problem)).toBe(true);
    expect(problem).toMatchObject({ type: 'about:blank', status, instance: '/t/1' });
    expect(problem).toMatchObject({
      blockers: verdict.blockers.map(({ code, message }) => ({ code, message })),
      detail: verdict.blockers.map(({ message }) => message).join(' '),
    });
    // All reasons together are read as sentences, one after the other.
    for (const { message } of verdict.blockers) expect(message).toMatch(/[.?!]$/);
  });

  test.each([
    ['an unknown event', { type: 'STRAT' }, 'STRAT'],
    ['a payload', { type: 'CLOSE', reason: 5 }, 'CLOSE'],
    ['no event at all', null, ''],
    ['an object without a type', {}, ''],
  ])('also of what parseEvent refuses: %s', (_, body: unknown, event) => {
    const parsed = lifecycle.parseEvent(body);
    if (parsed.valid) throw new Error('It is refused.');
    const problem: unknown = JSON.parse(JSON.stringify(toProblem(parsed)));
    expect(isProblem(problem)).toBe(true);
    expect(problem).toMatchObject({ status: 422, from: '', event });
    expect(problem).toMatchObject({ blockers: parsed.blockers.map(({ code }) => ({ code })) });
  });

  test('and the schema takes nothing less', () => {
    const [[, verdict] = []] = verdicts;
    const problem = toProblem(verdict as BlockedTransition);
    for (const name of problemSchema.required) {
      expect(isProblem({ ...problem, [name]: undefined })).toBe(false);
    }
    expect(isProblem({ ...problem, blockers: [] })).toBe(false);
    expect(isProblem({ ...problem, status: 200 })).toBe(false);
  });

  test('its type, title and status are yours to choose', () => {
    const own = { type: 'https://example.org/blocked', title: 'Blocked', status: 403 };
    const [[, verdict] = []] = verdicts;
    expect(toProblem(verdict as BlockedTransition, own)).toMatchObject(own);
  });

  test.each([400, 409, 599])('its status may be %i', (status) => {
    expect(toProblem(verdicts[0]?.[1] as BlockedTransition, { status }).status).toBe(status);
  });

  test.each([
    [403, 'Blocked'],
    [422, 'Unprocessable Content'],
  ])('its title follows a status of yours: %i', (status, title) => {
    expect(toProblem(verdicts[0]?.[1] as BlockedTransition, { status }).title).toBe(title);
  });

  test('it names an instance only if it has one', () => {
    const [[, verdict] = []] = verdicts;
    expect(toProblem(verdict as BlockedTransition)).not.toHaveProperty('instance');
    const instance = '/tickets/7';
    expect(toProblem(verdict as BlockedTransition, { instance }).instance).toBe(instance);
  });

  test.each<[verdict: unknown, options: object, message: string]>([
    [
      ticketLifecycle.explain('open', 'START'),
      {},
      'toProblem: Expected a blocked verdict, received an object.',
    ],
    [null, {}, 'toProblem: Expected a blocked verdict, received null.'],
    [{}, {}, 'toProblem: Expected a blocked verdict, received an object.'],
    [{ allowed: false }, {}, 'toProblem: Expected a blocked verdict, received an object.'],
    [
      verdicts[0]?.[1],
      { staus: 403 },
      'toProblem: there is no option "staus". Expected one of type, title, status, instance. Did you mean status?',
    ],
    [
      verdicts[0]?.[1],
      { status: 200 },
      'toProblem, status: Expected an HTTP status from 400 to 599, received 200.',
    ],
    ...[399, 600, 409.5].map((status): [unknown, object, string] => [
      verdicts[0]?.[1],
      { status },
      `toProblem, status: Expected an HTTP status from 400 to 599, received ${status}.`,
    ]),
  ])('what can be none is refused: %#', (verdict, options, message) => {
    expect(() => toProblem(verdict as never, options)).toThrow(new TypeError(message));
  });
});

describe('the built-in sentences are a catalogue', () => {
  test('that makes each message of its parameters', () => {
    for (const [, verdict] of verdicts) {
      for (const { code, parameters, message } of verdict.blockers) {
        expect(messages[code](parameters as never)).toBe(message);
      }
    }
  });

  test('that tells of an event that leads elsewhere now, and of guards with and without params', () => {
    const asked = { state: 'open', event: 'GO' };
    expect(messages['no-such-transition']({ ...asked, to: 'a', now: 'b' })).toBe(
      'GO leads from open to b now, not to a.',
    );
    for (const half of [{}, { to: 'a' }, { now: 'b' }]) {
      expect(messages['no-such-transition']({ ...asked, ...half })).toBe(
        'GO is not possible in state "open". No event leaves this state.',
      );
    }
    expect(messages.guard({ guard: 'g', to: 'a' })).toBe('The guard "g" does not hold.');
    expect(messages.guard({ guard: 'g', params: { n: 1 }, to: 'a' })).toBe(
      'The guard "g" with n: 1 does not hold.',
    );
  });

  test('of which what is no function says nothing', () => {
    const [[, verdict] = []] = verdicts;
    const texts = Object.fromEntries(Object.keys(messages).map((code) => [code, 'No.']));
    expect(translate(verdict as BlockedTransition, texts as never)).toEqual(verdict);
  });

  test('and another one gives the same verdict in another language', () => {
    for (const [, verdict] of verdicts) {
      const translated = translate(verdict, {
        guard: ({ guard }) => `Bedingung ${guard} nicht erfüllt.`,
        payload: () => 5 as never,
        'unknown-event': () => {
          throw new Error('no');
        },
      });
      expect(blocked(translated).blockers.map(({ code }) => code)).toEqual(
        verdict.blockers.map(({ code }) => code),
      );
      for (const [index, { code, message }] of blocked(translated).blockers.entries()) {
        expect(message).toBe(
          code === 'guard' ? 'Bedingung has nicht erfüllt.' : verdict.blockers[index]?.message,
        );
      }
    }
    const allowed = ticketLifecycle.explain('open', 'START');
    expect(translate(allowed, {})).toBe(allowed);
  });
});
