import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defineLifecycle, defineMigration, type Lifecycle } from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';
import { machineOf } from '../support/machine-of.ts';

/** What may be handed in, each changed afterwards by a line of its own below. */
function parts() {
  const params = {
    least: 3,
    list: ['lead'],
    nested: { deep: { on: true } },
    bare: Object.assign(Object.create(null) as object, { level: 1 }),
    known: new Set(['lead']),
    levels: new Map([['lead', { level: 2 }]]),
    since: new Date('2026-01-01T00:00:00Z'),
    cycle: {} as Record<string, unknown>,
  };
  params.cycle['self'] = params.cycle;
  const context = { role: 'agent', team: { names: ['Ada'] } };
  const guard = ({ context: given }: { context: object }, asked: object) =>
    JSON.stringify([given, textOf(asked)]) === expectedText;
  const guards: Record<string, unknown> = { isRight: guard };
  const meta = { status: 'open', label: { de: 'Offen' }, tags: ['new'] };
  const edgeMeta = { colour: { line: 'red' } };
  const config = {
    initial: 'open',
    context,
    states: {
      open: {
        meta,
        on: {
          CLOSE: { target: 'closed', guard: { type: 'isRight', params }, meta: edgeMeta },
          NOTE: { target: 'open', guard: 'isNever' },
        },
      },
      closed: { type: 'final' },
    },
  };
  guards['isNever'] = () => false;
  const guardMessages: Record<string, string> = { isRight: 'Not right.', isNever: 'Never.' };
  const payloads: Record<string, z.ZodType | undefined> = {
    CLOSE: z.object({ reason: z.string() }),
  };
  const options: Record<string, unknown> = { guards, guardMessages, payloads };
  return { params, context, guards, guardMessages, payloads, options, config, meta, edgeMeta };
}

type Parts = ReturnType<typeof parts>;

const textOf = (asked: object): string => {
  const { known, levels, since, cycle, bare, ...plain } = asked as Parts['params'];
  return JSON.stringify([plain, [...known], [...levels], since, Object.keys(cycle), { ...bare }]);
};
const { context: first, params: its } = parts();
const expectedText = JSON.stringify([first, textOf(its)]);

const changes: readonly (readonly [string, (its: Parts) => void])[] = [
  ['a number in params', ({ params }) => (params.least = 4)],
  ['a list in params', ({ params }) => params.list.push('agent')],
  ['a nested field of params', ({ params }) => (params.nested.deep.on = false)],
  ['params without a prototype', ({ params }) => Object.assign(params.bare, { level: 9 })],
  ['a Set in params', ({ params }) => params.known.add('agent')],
  ['a Map in params', ({ params }) => params.levels.clear()],
  [
    'a value in a Map',
    ({ params }) => Object.assign(params.levels.get('lead') ?? {}, { level: 0 }),
  ],
  ['a Date in params', ({ params }) => params.since.setUTCFullYear(2000)],
  ['a circle in params', ({ params }) => delete params.cycle['self']],
  ['the initial context', ({ context }) => (context.role = 'lead')],
  ['a list in the initial context', ({ context }) => context.team.names.push('Bo')],
  ['guards', ({ guards }) => (guards['isNever'] = () => true)],
  ['a removed guard', ({ guards }) => delete guards['isRight']],
  ['guardMessages', ({ guardMessages }) => (guardMessages['isNever'] = 'Changed.')],
  ['payloads', ({ payloads }) => delete payloads['CLOSE']],
  ['the options', ({ options }) => Object.assign(options, { guardMessages: {}, payloads: {} })],
  ["a state's meta", ({ meta }) => (meta.label.de = 'Zu')],
  ["a list in a state's meta", ({ meta }) => meta.tags.push('old')],
  ["a transition's meta", ({ edgeMeta }) => (edgeMeta.colour.line = 'blue')],
  ['the states of the config', ({ config }) => Object.assign(config.states, { closed: {} })],
];

const makers: readonly (readonly [string, (its: Parts) => Lifecycle])[] = [
  ['a config', ({ config, options }) => defineLifecycle(config as never, options)],
  [
    'a machine',
    ({ config, guards, guardMessages, payloads }) =>
      defineLifecycle(machineOf(config, guards), { guardMessages, payloads }),
  ],
  ['a machine and guards', ({ config, options }) => defineLifecycle(machineOf(config), options)],
  [
    'a lean config',
    ({ config, options }) => defineLeanLifecycle(config as never, options) as unknown as Lifecycle,
  ],
];

/** All that a lifecycle says. */
const answersOf = (lifecycle: Lifecycle) => ({
  can: lifecycle.can('open', { type: 'CLOSE', reason: 'Done.' } as never),
  verdicts: ['CLOSE', 'NOTE'].map((type) => lifecycle.explain('open', { type })),
  enabled: lifecycle.enabled('open', undefined, { includeBlocked: true }),
  metas: lifecycle.states.map((state) => lifecycle.metaOf(state)),
  payloads: Object.keys(lifecycle.payloads),
  edges: lifecycle.edges,
  fingerprint: lifecycle.fingerprint,
});

const frozenText = (value: unknown) => {
  const seen = new Set<unknown>();
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'object' && one !== null && seen.has(one)) return 'again';
    seen.add(one);
    return one instanceof Map || one instanceof Set ? [...(one as Set<unknown>)] : one;
  });
};

describe.each(makers)('A lifecycle of %s stays as it was made when one changes', (_, make) => {
  test.each(changes)('%s', (__, change) => {
    const handedIn = parts();
    const lifecycle = make(handedIn);
    const before = answersOf(lifecycle);
    const text = frozenText(before);

    change(handedIn);

    expect(before.can).toBe(true);
    expect(frozenText(answersOf(lifecycle))).toBe(text);
  });
});

test('what a lifecycle shows of params and meta can not be changed', () => {
  const handedIn = parts();
  const [edge] = defineLifecycle(handedIn.config as never, handedIn.options).edges as never as {
    guards: { params: Parts['params'] }[];
    meta: Parts['edgeMeta'];
  }[];

  expect(() => ((edge?.guards[0]?.params ?? its).least = 9)).toThrow(TypeError);
  expect(() => edge?.guards[0]?.params.list.push('agent')).toThrow(TypeError);
  expect(() => Object.assign(edge?.meta.colour ?? {}, { line: 'blue' })).toThrow(TypeError);
});

test('the meta of a state has its description, and what can not be copied as it is', () => {
  const locked = new Proxy(
    {},
    {
      getPrototypeOf() {
        throw new Error('locked');
      },
    },
  );
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { description: 'New.', meta: { icon: 'inbox', locked }, on: { CLOSE: 'closed' } },
      closed: { type: 'final' },
    },
  });
  const { locked: kept, ...others } = lifecycle.metaOf('open');
  expect(kept === locked).toBe(true);
  expect(others).toStrictEqual({ description: 'New.', icon: 'inbox' });
  expect(lifecycle.metaOf('closed')).toStrictEqual({});
});

test('a blocker names states that can not be changed', () => {
  const lifecycle = defineLifecycle(parts().config as never, parts().options);
  const verdict = (lifecycle as Lifecycle).explain('opne', 'NOTE');
  const [blocker] = verdict.allowed ? [] : verdict.blockers;

  expect(blocker?.code === 'unknown-state' && Object.isFrozen(blocker.parameters.states)).toBe(
    true,
  );
});

test('functions, instances of classes and a RegExp in params are asked with as they are', () => {
  class Team {
    readonly name = 'first';
  }
  const hidden = Object.defineProperty({}, 'secret', { value: 1 });
  const params = {
    hidden,
    again: hidden,
    team: new Team(),
    find: (name: string) => name,
    sticky: /a/y,
    marked: { [Symbol('mark')]: true },
  };
  const seen: unknown[] = [];
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: { type: 'isRight', params } } } },
        closed: { type: 'final' },
      },
    },
    { guards: { isRight: (__, asked) => seen.push(...Object.values(asked as object)) > 0 } },
  );

  lifecycle.can('open', 'CLOSE');

  expect(seen.map((one, index) => one === Object.values(params)[index])).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
  ]);
});

test('a migration stays as it was defined', () => {
  const from = { fingerprint: 'before', states: ['new'] };
  const to = {
    fingerprint: 'after',
    states: ['open'],
    statusOf: () => 'open' as const,
  };
  const states: Record<string, string> = { new: 'open' };
  const migration = defineMigration({ from, to, states });

  from.fingerprint = 'other';
  to.fingerprint = 'other';
  to.states.pop();
  states['new'] = 'closed';

  const stored = { state: 'new', fingerprint: 'before' };
  expect(migration.migrate(stored)).toEqual({
    kind: 'migrated',
    state: 'open',
    fingerprint: 'after',
    status: 'open',
  });
  const current = { state: 'open', fingerprint: 'after' };
  expect(migration.migrate(current)).toEqual({ kind: 'current', ...current });
});
