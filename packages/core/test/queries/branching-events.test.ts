import { expect, test } from 'vitest';
import { and, createMachine } from 'xstate';
import * as z from 'zod';
import { defineLifecycle, type Lifecycle } from '../../src/index.ts';

interface Asked {
  readonly event: { readonly urgent?: boolean };
  readonly context: { readonly isLead?: boolean };
}

const guards = {
  isUrgent: ({ event }: Asked) => event.urgent === true,
  isCalm: ({ event }: Asked) => event.urgent !== true,
  isLead: ({ context }: Asked) => context.isLead === true,
  throws: () => {
    throw new Error('It was asked.');
  },
} as never;
const payloads = {
  CLOSE: z.object({ reason: z.string(), urgent: z.optional(z.boolean()) }),
};

/** One transition, or several that are tried in turn. */
type Transitions = object;

/** A desk in which CLOSE leads out of `open` so, and more besides. */
const deskOf = (CLOSE: Transitions, more: Readonly<Record<string, string>> = {}): Lifecycle =>
  defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { CLOSE, ...more } },
        'in-progress': { on: { FINISH: 'resolved' } },
        resolved: { on: { ARCHIVE: 'closed', REOPEN: 'in-progress' } },
        closed: { on: { REOPEN: 'in-progress' } },
      },
    },
    { guards, payloads },
  );

const urgentFirst = [{ target: 'closed', guard: 'isUrgent' }, { target: 'resolved' }] as const;

test('an event whose data decides where it leads names all states that it may lead to', () => {
  const desk = deskOf([...urgentFirst], { START: 'in-progress' });
  const [close, start] = desk.enabled('open');
  expect(close).toMatchObject({
    event: 'CLOSE',
    to: 'closed',
    needs: ['reason'],
    targets: ['closed', 'resolved'],
  });
  expect(start).not.toHaveProperty('targets');
  expect(desk.enabled('open', undefined, { includeBlocked: true })).toContainEqual(close);
  const blocked = desk.explain('open', 'FINISH');
  expect(blocked.allowed ? [] : blocked.enabled).toContainEqual(close);
});

test.each<[title: string, close: Transitions, targets: readonly string[] | undefined]>([
  ['the first is surely open', [{ target: 'closed' }], undefined],
  ['all lead to one state', [{ target: 'closed', guard: 'isUrgent' }], undefined],
  [
    'another is surely shut',
    [
      { target: 'closed', guard: 'isUrgent' },
      { target: 'resolved', guard: 'isLead' },
    ],
    undefined,
  ],
  [
    'none is sure',
    [
      { target: 'closed', guard: 'isUrgent' },
      { target: 'resolved', guard: 'isCalm' },
    ],
    ['closed', 'resolved'],
  ],
  [
    'one holds only as long as nothing is carried',
    [{ target: 'closed', guard: 'isCalm' }, { target: 'resolved' }],
    ['closed', 'resolved'],
  ],
  [
    'two of them lead to one state',
    [
      { target: 'closed', guard: 'isUrgent' },
      { target: 'resolved', guard: 'isCalm' },
      { target: 'closed' },
    ],
    ['closed', 'resolved'],
  ],
])('where %s, no state is left out and none is invented', (_, close, targets) => {
  const desk = deskOf(close, { START: 'in-progress', FILE: 'resolved', DROP: 'closed' });
  const [found] = desk.enabled('open');
  expect(found?.targets).toEqual(targets);
  const possible = found?.targets ?? [found?.to];
  for (const urgent of [true, false, undefined]) {
    const event = { type: 'CLOSE', reason: 'Done.', urgent };
    const verdict = desk.explain('open', event);
    if (verdict.allowed) expect(possible).toContain(verdict.to);
  }
});

test('a guard behind one that is undecided is not blamed for the absence of data', () => {
  const guard = and(['isUrgent', 'throws']);
  const machine = createMachine(
    {
      initial: 'open',
      states: { open: { on: { CLOSE: { target: 'closed', guard } } }, closed: { type: 'final' } },
    },
    { guards },
  );
  const desk = defineLifecycle(machine, { payloads });
  expect(desk.enabled('open')).toMatchObject([{ event: 'CLOSE', needs: ['reason'] }]);
  const alone = deskOf({ target: 'closed', guard: 'throws' }, { FILE: 'resolved' });
  expect(() => alone.enabled('open')).toThrow('It was asked.');
});

test.each(['closed', 'resolved'] as const)('a plan to %s says that data decides it', (goal) => {
  const desk = deskOf([...urgentFirst]);
  const status = { closed: 'closed', resolved: 'resolved' }[goal];
  const step = { event: 'CLOSE', to: goal, status, targets: ['closed', 'resolved'] };
  expect(desk.plan('open', goal)).toMatchObject({ kind: 'plan', to: goal, steps: [step] });
  const weights = { CLOSE: 2 };
  expect(desk.plan('open', goal, { weights })).toMatchObject({ kind: 'plan', steps: [step] });
  const carried = { CLOSE: { reason: 'Done.', urgent: goal === 'closed' } };
  const decided = desk.plan('open', goal, { payloads: carried });
  expect(decided).toMatchObject({ kind: 'plan', steps: [{ event: 'CLOSE', to: goal }] });
  expect(decided.kind === 'plan' && decided.steps[0]).not.toHaveProperty('targets');
});

test('a plan takes a path that surely leads there before one that data decides', () => {
  const desk = deskOf([...urgentFirst], { START: 'in-progress' });
  const eventsTo = (goal: 'closed' | 'resolved', weights?: object) => {
    const plan = desk.plan('open', goal, weights === undefined ? {} : { weights });
    return plan.kind === 'plan' ? plan.steps.map(({ event }) => event) : plan.kind;
  };
  expect(eventsTo('resolved')).toEqual(['START', 'FINISH']);
  expect(eventsTo('resolved', { START: 9 })).toEqual(['START', 'FINISH']);
});

test('states that one event decides between are no ambiguous goal', () => {
  const desk = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: {
          on: { CLOSE: [{ target: 'hasty', guard: 'isUrgent' }, { target: 'thorough' }] },
        },
        hasty: { meta: { status: 'resolved' }, on: { ARCHIVE: 'closed' } },
        thorough: { meta: { status: 'resolved' }, on: { ARCHIVE: 'closed' } },
        closed: { type: 'final' },
      },
    },
    { guards, payloads },
  );
  expect(desk.plan('open', { status: 'resolved' })).toMatchObject({ kind: 'plan', to: 'hasty' });
  const plan = desk.plan('open', 'closed');
  expect(plan.kind === 'plan' && plan.steps.map(({ event }) => event)).toEqual([
    'CLOSE',
    'ARCHIVE',
  ]);
});
