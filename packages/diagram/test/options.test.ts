import { ticketLifecycle, ticketMachine, type Lifecycle } from '@ticket-lifecycle/core';
import { expect, test } from 'vitest';
import { DiagramError, refreshMarkdown, toDot, toMermaid, toSvg } from '../src/index.ts';

const states = '"open", "in-progress", "resolved", "closed"';

test.each<[options: object, message: string]>([
  [{ at: 'opne' }, `option "at" must be one of ${states}, received "opne".`],
  [{ previous: 7 }, `option "previous" must be one of ${states}, received 7.`],
  [{ title: null }, 'option "title" must be a string, received null.'],
  [{ direction: 'LR' }, 'option "direction" must be one of "right", "down", received "LR".'],
  [{ guards: true }, 'option "guards" must be one of "names", "none", received true.'],
  [
    { guardLabels: { isLead: 7 } },
    'option "guardLabels" must be an object of texts by the names of guards, received an object.',
  ],
  [
    { messages: { 'no-such-transition': 'Nein.' } },
    'option "messages" must be functions by the codes unknown-state, unknown-event, no-such-transition, payload, guard, received an object.',
  ],
  [{ messages: { gaurd: () => '' } }, 'option "messages" must be functions by the codes '],
  [{ group: 'no' }, 'option "group" must be true or false, received "no".'],
  [
    { tilte: 'x' },
    'unknown option "tilte". Expected one of title, direction, guards, guardLabels, group, ',
  ],
  [{ toString: 'x' }, 'unknown option "toString"'],
  [
    { counts: 3 },
    'option "counts" must be a replay, or a list of replays and of { from, to, count }, received 3.',
  ],
  [
    { counts: [null] },
    'option "counts[0]" must be a replay or { from, to, count }, received null.',
  ],
  [
    { counts: [{ from: 'open', to: 'nowhere', count: 1 }] },
    'option "counts[0].to" must be a state (open, in-progress, resolved, closed) or a status, received "nowhere".',
  ],
  [
    { counts: [{ from: 'open', to: 'closed', count: 1.5 }] },
    'option "counts[0].count" must be a whole number of at least 0, received 1.5.',
  ],
])('%j is refused in every format', async (options, message) => {
  for (const [owner, draw] of Object.entries({ toMermaid, toDot, toSvg })) {
    const error = await Promise.resolve()
      .then(() => draw(ticketLifecycle, options))
      .catch((thrown: unknown) => thrown);
    expect(DiagramError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'invalid-option' });
    expect(String(error)).toContain(`${owner}: ${message}`);
  }
});

test('a machine is not yet a lifecycle', () => {
  expect(() => toDot(ticketMachine as unknown as Lifecycle)).toThrow(
    'toDot: expected a lifecycle, as defineLifecycle makes it, received an object.',
  );
  expect(() => toMermaid(undefined as never)).toThrow('received undefined');
});

test('an option that belongs to another function is refused', () => {
  expect(() => toDot(ticketLifecycle, { idPrefix: 'a' } as object)).toThrow(
    'unknown option "idPrefix"',
  );
  expect(() => refreshMarkdown('', ticketLifecycle, { format: 'svg' } as object)).toThrow(
    'refreshMarkdown: option "format" must be one of "mermaid", "dot", received "svg".',
  );
  expect(() => refreshMarkdown(7 as never, ticketLifecycle)).toThrow('expected a text, received 7');
});

test('a prefix of ids has to be one', async () => {
  for (const idPrefix of ['', '9', 'a b', 'a"b']) {
    await expect(toSvg(ticketLifecycle, { idPrefix })).rejects.toThrow('option "idPrefix" must be');
  }
});
