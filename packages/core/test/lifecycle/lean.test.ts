import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  defineLifecycle,
  LifecycleDefinitionError,
  ticketLifecycle,
  ticketMachine,
  ticketStatuses,
  type LifecycleConfig,
} from '../../src/index.ts';
import { defineLeanLifecycle, leanTicketLifecycle } from '../../src/lifecycle/lean.ts';

const lean = defineLeanLifecycle(ticketMachine);

test('a lean lifecycle answers as the whole one does', () => {
  for (const from of ticketStatuses) {
    expect(lean.enabled(from)).toEqual(ticketLifecycle.enabled(from));
    for (const event of ticketLifecycle.events) {
      expect(lean.can(from, event)).toBe(ticketLifecycle.can(from, event));
      expect(lean.explain(from, event)).toEqual(ticketLifecycle.explain(from, event));
    }
  }
  expect(lean.fingerprint).toBe(ticketLifecycle.fingerprint);
  expect(leanTicketLifecycle.fingerprint).toBe(ticketLifecycle.fingerprint);
});

test('it plans nothing, judges no history and knows no deadline or clock', () => {
  const more = Object.keys(ticketLifecycle).filter((name) => !(name in lean));
  expect(more.sort()).toEqual([
    'deadlines',
    'due',
    'edges',
    'edgesOf',
    'isEvent',
    'observe',
    'parseEvent',
    'plan',
    'replay',
    'replaySteps',
    'sla',
  ]);
});

test('it takes a config and options as well, and nobody can change it', () => {
  const desk = defineLeanLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
        closed: { type: 'final' },
      },
    },
    { guards: { isLead: ({ context }) => context['role'] === 'lead' } },
  );
  expect(desk.can('open', 'CLOSE', { role: 'agent' })).toBe(false);
  expect(desk.can('open', 'CLOSE', { role: 'lead' })).toBe(true);
  expect(Object.isFrozen(desk)).toBe(true);
});

const guarded = { target: 'closed', guard: 'isLead' };
const page = (open: object, rest: object = {}) => ({
  initial: 'open',
  states: { open: { on: open }, closed: { on: { REOPEN: 'open' } }, ...rest },
});

test('it names what it does not know, without a guess of what was meant', () => {
  const ask = (state: unknown, event: unknown) => {
    const verdict = lean.explain(state as 'open', event as 'START');
    return verdict.allowed ? [] : verdict.blockers.map(({ message }) => message);
  };
  const events = 'The events are START, RESOLVE, CLOSE, REOPEN.';
  expect(ask('opne', 'STRAT')).toEqual([
    'There is no state "opne". The states are open, in-progress, resolved, closed.',
    `There is no event "STRAT". ${events}`,
  ]);
  expect(ask('open', undefined)).toEqual([`There is no event "undefined". ${events}`]);
});

describe('a lean lifecycle refuses what would make an answer wrong, by code and place', () => {
  test.each<[title: string, definition: unknown, options: object, fault: string]>([
    ['a guard without implementation', page({ CLOSE: guarded }), {}, 'missing-guard'],
    ['a key of XState 4', page({ CLOSE: { target: 'closed', cond: 'a' } }), {}, 'unknown-key'],
    ['a target that is nowhere', page({ CLOSE: 'colsed' }), {}, 'refused-by-xstate'],
    ['a transition that is a number', page({ CLOSE: 5 }), {}, 'wrong-type'],
    ['a guard that is a number', page({ CLOSE: { target: 'closed', guard: 5 } }), {}, 'wrong-type'],
    ['a timer', page({}, { resolved: { after: { 5: 'open' } } }), {}, 'after'],
    ['a state that the API does not know', page({}, { waiting: {} }), {}, 'no-status'],
    [
      'a final state with an exit',
      page({}, { resolved: { type: 'final', on: { GO: 'open' } } }),
      {},
      'final-with-exit',
    ],
    [
      'a schema of no event',
      page({ CLOSE: 'closed' }),
      { payloads: { CLSOE: z.object({}) } },
      'unknown-event',
    ],
    ['an unknown option', page({ CLOSE: 'closed' }), { payload: {} }, 'unknown-option'],
    ['a text', 'open', {}, 'wrong-type'],
    ['a lifecycle', lean, {}, 'wrong-type'],
  ])('%s', (_, definition, options, code) => {
    const define = () => defineLeanLifecycle(definition as LifecycleConfig, options);
    expect(define).toThrow(LifecycleDefinitionError);
    const [faults, whole] = [define, () => defineLifecycle(definition as never, options)].map(
      (ask) => {
        try {
          ask();
        } catch (error) {
          return (error as LifecycleDefinitionError).faults;
        }
        return [];
      },
    );
    expect(faults?.map((fault) => fault.code)).toContain(code);
    // What one refuses, the other refuses as well.
    expect(whole).not.toEqual([]);
  });

  test('and says the facts of a fault, while the whole one makes a sentence of them', () => {
    expect(() => defineLeanLifecycle(page({ CLOSE: guarded }))).toThrow(
      'states.open.on.CLOSE: missing-guard {"guard":"isLead"}',
    );
    const options = { payloads: { CLSOE: z.object({}) } };
    expect(() => defineLeanLifecycle(page({ CLOSE: 'closed' }), options)).toThrow(
      'options.payloads.CLSOE: unknown-event {"event":"CLSOE","events":["CLOSE","REOPEN"]}',
    );
  });

  test('but takes a dead end, which makes no answer wrong', () => {
    const definition: LifecycleConfig = page({}, { resolved: {} });
    expect(defineLeanLifecycle(definition).can('resolved', 'REOPEN')).toBe(false);
    expect(() => defineLifecycle(definition)).toThrow('Nothing leads out.');
  });
});
