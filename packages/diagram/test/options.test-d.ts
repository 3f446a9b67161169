import { defineLifecycle, ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import { expectTypeOf } from 'vitest';
import { setup } from 'xstate';
import { refreshMarkdown, toDot, toMermaid, toSvg } from '../src/index.ts';

// A typo in a state is found while it is written.
toMermaid(ticketLifecycle, { at: 'in-progress', previous: 'open' });
// @ts-expect-error: there is no such state
toMermaid(ticketLifecycle, { at: 'opne' });
// @ts-expect-error: there is no such state
refreshMarkdown('', ticketLifecycle, { previous: 'opne' });
// @ts-expect-error: only an SVG has ids
toDot(ticketLifecycle, { idPrefix: 'a' });

const own = defineLifecycle(
  setup({ types: { context: {} as { role: string } } }).createMachine({
    context: { role: 'agent' },
    initial: 'open',
    states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },
  }),
);
toDot(own, { at: 'open', context: { role: 'lead' } });
// @ts-expect-error: the guards would miss their role
toDot(own, { at: 'open', context: {} });

// A lifecycle that came from outside takes any name, and says at run time which is none.
declare const loaded: Lifecycle;
expectTypeOf(toSvg(loaded, { at: 'anything', counts: [loaded.replay([])] })).toEqualTypeOf<
  Promise<string>
>();
