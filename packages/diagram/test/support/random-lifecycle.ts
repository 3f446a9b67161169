import { defineLifecycle, ticketStatuses, type Lifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { machineOf } from '../../../core/test/support/machine-of.ts';

/** Names that mean something to Mermaid, DOT, XML, HTML, Markdown, YAML or JavaScript. */
export const nastyNames = [
  'end',
  'END',
  'state',
  'note',
  'class',
  'style',
  'click',
  'default',
  'direction LR',
  'root',
  'root_start',
  'as',
  'fork',
  'choice',
  '[*]',
  '-->',
  '--',
  '%% no comment',
  '%%{init: {}}%%',
  'a:b',
  'a;b',
  'a::b',
  '#quot;',
  '#35;',
  'ﬂ°°35¶ß',
  'restyle:#x;',
  'classDef x:#y;',
  'node',
  'edge',
  'graph',
  'subgraph',
  'strict',
  'digraph {',
  '\\',
  'a\\',
  '\\N',
  '\\"',
  '"',
  '<script>alert(1)</script>',
  '&lt;',
  '&amp;amp;',
  ']]>',
  '<!-- -->',
  '{/* */}',
  "it's",
  '`x`',
  '<!-- /ticket-lifecycle diagram -->',
  '```',
  '1. one',
  '- item',
  '**bold**',
  '_x_',
  'a_b',
  'constructor',
  'toString',
  'two words',
  ' padded ',
  'line\nbreak',
  'tab\tbed',
  '~',
  '$&',
  '$1',
  'in-progress',
  'открыт',
  'مفتوح',
  'סגור',
  '処理中',
  '👩‍👩‍👧‍👦',
  '🏁',
  'Größe',
  'e\u0301',
  '{',
  '}',
  '[x]',
  '1',
  '007',
  '-1',
  'NaN',
  'a'.repeat(300),
  'lange Namen '.repeat(30),
  '漢'.repeat(120),
];

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nastyNames) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z_-]{1,12}$/) },
);
// XState takes a name that begins with # for an id, dots and backslashes in a target for a path,
// and the initial state as it is written.
const isPlain = (text: string) => !/[.\\]/.test(text) && text !== '__proto__';
const escaped = (text: string) => text.replaceAll(/[.\\]/g, '\\$&');

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(...nastyNames),
);

interface Way {
  readonly event: number;
  readonly target: number;
  readonly guard: number | undefined;
}

/** A random lifecycle, and what guards answer when they are asked with it. */
export interface Made {
  readonly lifecycle: Lifecycle;
  readonly context: { readonly open: readonly boolean[] };
}

/** Random lifecycles whose names are as bad as names can be. */
const made: fc.Arbitrary<Made> = fc
  .record({
    states: fc
      .uniqueArray(name, { minLength: 2, maxLength: 4 })
      .filter(
        (names) =>
          names.every((one) => one !== '__proto__' && !one.startsWith('#')) &&
          isPlain(names[0] ?? ''),
      ),
    events: fc.uniqueArray(
      name.filter((one) => !one.includes('*') && !one.startsWith('xstate.') && isPlain(one)),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
    guards: fc.uniqueArray(name.filter(isPlain), { minLength: 2, maxLength: 2 }),
    messages: fc.array(fc.option(anyText, { nil: undefined }), { minLength: 2, maxLength: 2 }),
    labels: fc.array(fc.option(anyText, { nil: undefined }), { minLength: 4, maxLength: 4 }),
    statuses: fc.array(fc.constantFrom(...ticketStatuses), { minLength: 4, maxLength: 4 }),
    ways: fc.array(
      fc.array(
        fc.record({
          event: fc.integer({ min: 1, max: 2 }),
          target: fc.nat({ max: 3 }),
          guard: fc.option(fc.nat({ max: 1 }), { nil: undefined }),
        }),
        { maxLength: 2 },
      ),
      { minLength: 4, maxLength: 4 },
    ),
    endsFinal: fc.boolean(),
    open: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
  })
  .map(({ states, events, guards, messages, labels, statuses, ways, endsFinal, open }) => {
    const configs = states.map((state, index) => {
      const isLast = index === states.length - 1;
      const meta = { status: statuses[index], label: labels[index] };
      if (isLast && endsFinal) return [state, { meta, type: 'final' }] as const;
      // A ring keeps every state reachable and leaves none without a way out.
      const next = { target: escaped(states[(index + 1) % states.length] ?? '') };
      const on = { [events[0] ?? '']: [next], ...own(ways[index] ?? []) };
      return [state, { meta, description: labels[index], on }] as const;
    });
    const machine = machineOf(
      { initial: states[0], states: Object.fromEntries(configs) },
      Object.fromEntries(
        guards.map((guard, index) => [
          guard,
          ({ context }: { context: Made['context'] }) => context.open[index] === true,
        ]),
      ),
    );
    const known = guards.flatMap((guard, index) => {
      const message = messages[index];
      return message === undefined ? [] : [[guard, message] as const];
    });
    const lifecycle = defineLifecycle(machine, { guardMessages: Object.fromEntries(known) });
    return { lifecycle, context: { open } };

    /** Guarded ways first, each guard once: what stands behind the same, or none, is never taken. */
    function own(some: readonly Way[]): Record<string, object[]> {
      const on = new Map<string, { target: string; guard?: string | undefined }[]>();
      const isOpen = ({ guard }: Way) => guard === undefined;
      for (const way of [...some.filter((one) => !isOpen(one)), ...some.filter(isOpen)]) {
        const event = events[way.event] ?? '';
        const list = on.get(event) ?? [];
        const guard = way.guard === undefined ? undefined : guards[way.guard];
        if (list.some((one) => one.guard === guard)) continue;
        const target = escaped(states[way.target % states.length] ?? '');
        on.set(event, [...list, guard === undefined ? { target } : { target, guard }]);
      }
      return Object.fromEntries(on);
    }
  });

/** The same with a ticket in a state, and changes that were seen. */
export const drawn = made.chain(({ lifecycle, context }) => {
  const state = fc.constantFrom(...lifecycle.states);
  const change = fc.record({ from: state, to: state, count: fc.nat({ max: 5000 }) });
  const options = fc.record(
    {
      at: state,
      previous: state,
      title: anyText,
      guards: fc.constantFrom('names', 'none'),
      direction: fc.constantFrom('right', 'down'),
      counts: fc.array(change, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  return options.map((some) => {
    const all = { context, ...some };
    // A lifecycle printed whole would bury the counterexample.
    const print = () => JSON.stringify({ initial: lifecycle.initial, edges: lifecycle.edges, all });
    return { lifecycle, options: all, [fc.toStringMethod]: print };
  });
});
