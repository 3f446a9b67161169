import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { and, setup } from 'xstate';
import * as z from 'zod';
import { run } from '../../../.ci/run-examples.ts';
import {
  defineLifecycle,
  defineMigration,
  LifecycleDefinitionError,
  ticketLifecycle,
} from '../src/index.ts';
import { journalEntry } from '../src/lifecycle/journal.ts';
import { leanTicketLifecycle } from '../src/lifecycle/lean.ts';
import { edgeWalks } from '../src/testing/index.ts';
import { measureSla } from '../src/sla/measure-sla.ts';
import { inTimeZone } from '../src/queries/time-zone.ts';

const packageDir = fileURLToPath(new URL('..', import.meta.url));

afterEach(() => {
  vi.restoreAllMocks();
});

const forbidden: [owner: object, name: string][] = [
  [globalThis, 'fetch'],
  [globalThis, 'setTimeout'],
  [globalThis, 'setInterval'],
  [globalThis, 'setImmediate'],
  [globalThis, 'queueMicrotask'],
  [Date, 'now'],
  [performance, 'now'],
  [Math, 'random'],
  [process, 'nextTick'],
  [console, 'log'],
  [console, 'info'],
  [console, 'warn'],
  [console, 'error'],
  [console, 'debug'],
];

/** Calls `act` while nothing but computing is possible. */
function onlyComputing<Answer>(act: () => Answer): Answer {
  for (const [owner, name] of forbidden) {
    vi.spyOn(owner as Record<string, () => void>, name).mockImplementation(() => {
      throw new Error(`core must not use ${name}`);
    });
  }
  try {
    return act();
  } finally {
    vi.restoreAllMocks();
  }
}

test('the stubs do stand in the way', () => {
  expect(() => onlyComputing(() => Date.now())).toThrow('core must not use now');
  expect(() => onlyComputing(() => void setTimeout(() => {}, 0))).toThrow(
    'core must not use setTimeout',
  );
});

test('no answer of the default lifecycle reads a clock, waits, prints or goes out', () => {
  const answers = onlyComputing(() => {
    const { states, events } = ticketLifecycle;
    return states.flatMap((from) => [
      ticketLifecycle.isState(from),
      ticketLifecycle.statusOf(from),
      ticketLifecycle.statesWith(from),
      ticketLifecycle.targetsOf(from),
      ...events.map((event) => ticketLifecycle.edgesOf(event)),
      ticketLifecycle.enabled(from),
      ticketLifecycle.enabled(from, undefined, { includeBlocked: true }),
      ...events.map((event) => ticketLifecycle.can(from, event)),
      ...events.map((event) => ticketLifecycle.explain(from, event)),
      ...states.map((to) => ticketLifecycle.eventsBetween(from, to)),
      ...states.map((to) => ticketLifecycle.plan(from, to)),
      ...states.map((to) => ticketLifecycle.observe(from, to)),
      ticketLifecycle.replay(states, { complete: true }),
    ]);
  });
  expect(answers).toHaveLength(4 * 31);
});

test('neither does making a lifecycle, asking guards or refusing a machine', () => {
  const definition = setup({ guards: { isLead: () => false, isPaid: () => true } });
  const verdict = onlyComputing(() => {
    const lifecycle = defineLifecycle(
      definition.createMachine({
        initial: 'open',
        states: {
          open: { on: { CLOSE: { target: 'closed', guard: and(['isLead', 'isPaid']) } } },
          closed: { type: 'final' },
        },
      }),
    );
    return lifecycle.explain('open', 'CLOSE');
  });
  expect(verdict.allowed).toBe(false);

  const refuse = () =>
    onlyComputing(() =>
      defineLifecycle(definition.createMachine({ initial: 'odd', states: { odd: {} } })),
    );
  expect(refuse).toThrow(LifecycleDefinitionError);
});

test('neither do definitions from files, payloads, deadlines, clocks, migrations, journals and walks', () => {
  const calendars = { office: { timeZone: 'Asia/Tokyo', hours: { monday: '00:00-24:00' } } };
  const clocks = { it: { target: 'PT1H', calendar: 'office' } };
  const definition = {
    meta: { sla: { clocks, calendars } },
    initial: 'resolved',
    states: {
      resolved: {
        meta: { due: { after: 'P1M', event: 'CLOSE' }, sla: { it: 'run' } },
        on: { CLOSE: 'closed' },
      },
      closed: { type: 'final' },
    },
  };
  const at = new Date(Date.UTC(2028, 0, 31));
  const facts = { ticketId: 'T-1', by: 1, at };
  const payloads = { CLOSE: z.object({ reason: z.string().min(3).optional() }) };
  const answers = onlyComputing(() => {
    const lifecycle = defineLifecycle(definition);
    const asking = defineLifecycle(definition, { payloads });
    const calendar = inTimeZone('Europe/Berlin');
    const states = { resolved: 'resolved', closed: 'closed' };
    const migration = defineMigration({ from: lifecycle, states });
    return [
      lifecycle.due('resolved', at, '2028-02-29T00:00:00Z'),
      lifecycle.due('resolved', at, '2028-02-29T00:00:00Z', { calendar }),
      asking.can('resolved', { type: 'CLOSE', reason: 'Answered.' }),
      asking.can('resolved', { type: 'CLOSE', reason: '' }),
      migration.migrate({ state: 'closed', fingerprint: lifecycle.fingerprint }).kind,
      journalEntry(lifecycle, lifecycle.explain('closed', 'CLOSE'), facts).decided.allowed,
      edgeWalks(lifecycle).length,
      [...ticketLifecycle.replaySteps(['open', 'closed'])].length,
      leanTicketLifecycle.can('open', 'START'),
      measureSla(lifecycle, [{ state: 'resolved', at }], at)[0]?.phase,
    ];
  });
  const expected = [['CLOSE'], ['CLOSE'], true, false, 'migrated', false, 1, 1, true, 'running'];
  expect(answers).toEqual(expected);
});

test('neither does loading the package', async () => {
  const code = `
    const refuse = (name) => () => { throw new Error('core must not use ' + name); };
    for (const name of ['fetch', 'setTimeout', 'setInterval', 'queueMicrotask']) {
      Object.defineProperty(globalThis, name, { value: refuse(name) });
    }
    Date.now = refuse('Date.now');
    Math.random = refuse('Math.random');
    for (const name of Object.keys(console)) console[name] = refuse(name);
    const { ticketLifecycle } = await import('@ticket-lifecycle/core');
    if (ticketLifecycle.next('open', 'START') !== 'in-progress') throw new Error('not loaded');
  `;
  await expect(run({ file: 'purity', line: 1, code }, packageDir)).resolves.toBeUndefined();
});

const entries = [
  'lifecycle/journal.ts',
  'lifecycle/lean.ts',
  'testing/index.ts',
  'queries/time-zone.ts',
  'sla/measure-sla.ts',
];

test('the sources import each other, xstate, zod and what adds to a date, and nothing else', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  walk(join(packageDir, 'src/index.ts'));
  expect([...packages].sort()).toEqual(['xstate', 'zod']);
  for (const entry of entries) walk(join(packageDir, 'src', entry));
  // And no source lies beside the graph, where nobody would look.
  const all = readdirSync(join(packageDir, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(packageDir, 'src', file));
  expect([...seen].sort()).toEqual(all.sort());

  function walk(file: string): void {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of specifiersOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) walk(join(dirname(file), specifier));
      else packages.add(specifier.split('/')[0] ?? specifier);
    }
  }
});

/** What a source imports; its comments, their examples and its messages do not count. */
function specifiersOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|`[^`]*`/gm, '');
  const found = code.matchAll(
    /(?<!['"])\b(?:from|import|require)\s*\(?\s*['"](?<specifier>[^'"]+)['"]/g,
  );
  return [...found].map(({ groups }) => groups?.['specifier'] ?? '');
}
