import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { describe, expect, test } from 'vitest';
import { and, setup } from 'xstate';
import { toDot, toMermaid, toSvg, type DiagramOptions } from '../src/index.ts';
import { verdictIn } from '../src/picture/verdict-table.ts';
import { guarded } from './support/lifecycles.ts';
import { tableIn } from './support/verdict-tables.ts';

type Options = DiagramOptions<'open' | 'waiting' | 'closed', { role: string; answered: boolean }>;

/** A schema of an object with these fields, which nothing that is sent has. */
function schemaOf(fields: readonly string[]) {
  const issues = fields.map((field) => ({ message: 'missing', path: [field] }));
  const whole = { message: 'not right', path: [] };
  const validate = () => ({ issues: issues.length === 0 ? [whole] : issues });
  return { '~standard': { version: 1, vendor: 'test', validate } } as const;
}

const drawn = (options: Options) =>
  toMermaid(guarded, options)
    .split('\n')
    .map((line) => line.trim());

test('an event that has to carry data is possible, and says what it has to carry', async () => {
  const asking = (fields: readonly string[], isReady: boolean) =>
    defineLifecycle(
      setup({ guards: { isReady: () => isReady } }).createMachine({
        initial: 'open',
        states: {
          open: { on: { ASK: { target: 'closed', guard: 'isReady' } } },
          closed: { type: 'final' },
        },
      }),
      { payloads: { ASK: schemaOf(fields) } },
    );
  const ready = asking(['question', 'tone'], true);
  const drawings = [
    toMermaid(ready, { at: 'open' }),
    toDot(ready, { at: 'open' }),
    await toSvg(ready, { at: 'open' }),
  ];
  for (const drawing of drawings) {
    expect(drawing).toContain('✓ ASK');
    expect(drawing).toContain('with question, tone');
    expect(drawing).not.toContain('✗');
  }
  expect(drawings[2]).toContain('ASK to closed, enabled with question, tone.');
  expect(drawings[2]).toContain('tl-edge tl-enabled');
  expect(toMermaid(asking([], true), { at: 'open' })).toMatch(
    /✓ ASK<br\/>.*isReady.*<br\/>with data/,
  );
  // A guard that fails is the reason; the data would not help.
  const blocked = toMermaid(asking(['question'], false), { at: 'open' });
  expect(blocked).toContain('ASK<br/>✗ The guard #34;isReady#34; does not hold.');
  expect(blocked).not.toContain('✓');
});

test('no edge is blocked without a reason, and none for a guard of another event', async () => {
  const lifecycle = defineLifecycle(
    setup({
      guards: { isLong: ({ event }) => (event as unknown as { text: string }).text.length > 3 },
    }).createMachine({
      initial: 'open',
      states: {
        open: { on: { NOTE: { target: 'closed', guard: 'isLong' }, ASK: 'closed' } },
        closed: { type: 'final' },
      },
    }),
    { payloads: { ASK: schemaOf(['question']) } },
  );
  const lines = toMermaid(lifecycle, { at: 'open' }).split('\n');
  const edges = lines.filter((line) => line.includes('open --> closed'));
  expect(edges.map((line) => line.trim())).toEqual([
    expect.stringContaining(
      'NOTE<br/>✗ The guard #34;isLong#34; threw when NOTE was asked in open',
    ),
    'open --> closed: ✓ ASK<br/>with question',
  ]);
  expect(toDot(lifecycle, { at: 'open' })).toContain('✓ ASK');
  expect(await toSvg(lifecycle, { at: 'open' })).toContain('ASK to closed, enabled with question.');
  const table = tableIn(await toSvg(lifecycle, { playable: true }));
  const [open] = typeof table === 'string' ? [] : table.states;
  expect(open?.open).toEqual([[1, 1, ['question']]]);
  expect(open?.blocked).toEqual([[0, [expect.stringContaining('threw when NOTE was asked')]]]);
});

test('an event whose data decides where it leads is possible on each of these edges', async () => {
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: { on: { CLOSE: [{ target: 'closed', guard: 'isUrgent' }, { target: 'resolved' }] } },
        resolved: { on: { CLOSE: 'closed' } },
        closed: { type: 'final' },
      },
    },
    {
      guards: { isUrgent: ({ event }) => (event as { urgent?: boolean }).urgent === true },
      payloads: { CLOSE: schemaOf(['reason']) },
    },
  );
  for (const drawing of [toMermaid(lifecycle, { at: 'open' }), toDot(lifecycle, { at: 'open' })]) {
    expect(drawing.match(/✓ CLOSE/g)).toHaveLength(2);
    expect(drawing).not.toContain('✗');
  }
  const table = tableIn(await toSvg(lifecycle, { playable: true }));
  if (typeof table === 'string') throw new Error(table);
  const [toClosed, toResolved] = ['closed', 'resolved'].map((name) =>
    expect.objectContaining({ name }),
  );
  expect(verdictIn(table, 0, 0)).toEqual({
    allowed: true,
    to: toClosed,
    needs: ['reason'],
    targets: [toClosed, toResolved],
  });
  expect(verdictIn(table, 1, 0)).toMatchObject({ targets: [{ name: 'closed' }] });
});

test('an edge between two that data decides about is blocked by its own guard, and by no data', async () => {
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: {
          on: {
            CLOSE: [
              { target: 'closed', guard: 'isUrgent' },
              { target: 'in-progress', guard: 'isLead' },
              { target: 'resolved' },
            ],
            DROP: { target: 'closed', guard: 'isBoth' },
          },
        },
        'in-progress': { on: { CLOSE: 'closed' } },
        resolved: { on: { CLOSE: 'closed' } },
        closed: { type: 'final' },
      },
    },
    {
      guards: {
        isUrgent: ({ event }) => (event as { urgent?: boolean }).urgent === true,
        isLead: () => false,
        isBoth: and(['isUrgent', 'isLead']) as never,
      },
      payloads: { CLOSE: schemaOf(['reason']), DROP: schemaOf(['reason']) },
    },
  );
  const isLead = 'The guard #34;isLead#34; does not hold.';
  const lines = toMermaid(lifecycle, { at: 'open' }).split('\n');
  expect(lines.filter((line) => line.includes('✗')).map((line) => line.trim())).toEqual([
    `open --> in_progress: CLOSE<br/>✗ ${isLead}`,
    `open --> closed: DROP<br/>✗ ${isLead}`,
  ]);
  const table = tableIn(await toSvg(lifecycle, { playable: true }));
  const [open] = typeof table === 'string' ? [] : table.states;
  expect(open?.blocked).toEqual([[1, ['The guard "isLead" does not hold.']]]);
});

test('the reasons of blocked edges can be in another language', async () => {
  const messages = { guard: ({ guard }: { guard: string }) => `${guard} fehlt.` };
  const options = { at: 'open', messages } as const;
  const drawings = [toMermaid(guarded, options), toDot(guarded, options)];
  for (const drawing of [...drawings, await toSvg(guarded, options)]) {
    expect(drawing).toContain('isLead fehlt.');
    expect(drawing).not.toContain('Only a lead');
  }
});

describe('of a ticket in open', () => {
  test('an agent may wait, and reads why nothing else is open', () => {
    expect(drawn({ at: 'open', context: { role: 'agent', answered: false } })).toEqual(
      expect.arrayContaining([
        'open --> waiting: ✓ WAIT<br/>✓ DROP',
        'open --> closed: CLOSE<br/>✗ Only a lead closes a ticket.<br/>✗ The guard #34;hasAnswer#34; does not hold.',
        'open --> closed: DROP<br/>✗ Only a lead closes a ticket.',
        'waiting --> open: ANSWER',
        'class open current',
      ]),
    );
  });

  test('a lead may drop it, and the way behind is hidden by that', () => {
    expect(drawn({ at: 'open', context: { role: 'lead', answered: false } })).toEqual(
      expect.arrayContaining([
        'open --> closed: CLOSE<br/>✗ The guard #34;hasAnswer#34; does not hold.',
        'open --> closed: ✓ DROP<br/>#91;isLead#93;',
        'open --> waiting: DROP<br/>✗ DROP leads to closed now.',
      ]),
    );
  });
});

test('a guard that needs more than the event is no pass, and says so', () => {
  const lifecycle = defineLifecycle(
    setup({
      types: { events: {} as { type: 'CLOSE'; reason: { text: string } } },
      guards: { hasReason: ({ event }) => event.reason.text !== '' },
    }).createMachine({
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: 'hasReason' } } },
        closed: { type: 'final' },
      },
    }),
  );
  expect(toMermaid(lifecycle, { at: 'open' })).toContain(
    'open --> closed: CLOSE<br/>✗ The guard #34;hasReason#34; threw when CLOSE was asked in open',
  );
});

test('guards that differ in what they are asked with are told apart', () => {
  const part = (field: string, n: number) => ({ type: 'atLeast' as const, params: { field, n } });
  const fields: { [field: string]: number | undefined } = { replies: 1, hours: 0 };
  const lifecycle = defineLifecycle(
    setup({
      types: { context: fields },
      guards: {
        atLeast: ({ context }, { field, n }: { field: string; n: number }) =>
          (context[field] ?? 0) >= n,
      },
    }).createMachine({
      context: fields,
      initial: 'open',
      states: {
        open: {
          on: {
            CLOSE: { target: 'closed', guard: and([part('replies', 1), part('hours', 8)]) },
            DROP: [{ target: 'closed', guard: part('hours', 9) }, { target: 'open' }],
          },
        },
        closed: { type: 'final' },
      },
    }),
  );
  expect(toDot(lifecycle)).toContain('[atLeast(field: \\"replies\\", n: 1)]');
  expect(toDot(lifecycle)).toContain('[atLeast(field: \\"hours\\", n: 8)]');
  const at = toDot(lifecycle, { at: 'open' });
  for (const hours of [8, 9]) {
    const said = `with field: \\"hours\\", n: ${hours} does not hold.`;
    expect(at).toContain(`✗ The guard \\"atLeast\\" ${said}`);
  }
  expect(at).not.toContain('replies');
});

test('an edge shows its conditions by label or by name, and never as a failure', async () => {
  const close = (options: Options) =>
    drawn(options)
      .find((line) => line.includes(': CLOSE'))
      ?.split(': ')[1];
  expect(close({})).toBe('CLOSE<br/>#91;isLead#93;<br/>#91;hasAnswer#93;');
  const guardLabels = { isLead: 'only a lead' };
  expect(close({ guardLabels })).toBe('CLOSE<br/>#91;only a lead#93;<br/>#91;hasAnswer#93;');
  expect(close({ guards: 'none' })).toBe('CLOSE<br/>DROP');
  // With no ticket in the picture, nothing has failed in any format.
  for (const text of [toMermaid(guarded), toDot(guarded), await toSvg(guarded)]) {
    expect(text).not.toContain('Only a lead closes a ticket.');
  }
});

test('states that share a status stand in a group, by their labels', () => {
  expect(toMermaid(guarded)).toContain(`  state "open" as status_open {
    state "open" as open
    state "Waiting on customer" as waiting
  }
`);
  expect(toMermaid(ticketLifecycle)).not.toMatch(/^ *state .*\{/m);
  expect(toDot(guarded)).toContain('subgraph "cluster_open" {');
});

test('where the ticket was before is marked as well', async () => {
  const options = { at: 'resolved', previous: 'in-progress' } as const;
  expect(toMermaid(ticketLifecycle, options)).toContain('  class in_progress previous\n');
  expect(toDot(ticketLifecycle, options)).toContain('class="state previous"');
  expect(await toSvg(ticketLifecycle, options)).toContain(
    '<g class="tl-state tl-previous" data-state="in-progress"',
  );
});

test('a way back to an earlier status is told apart in a picture', async () => {
  const svg = await toSvg(ticketLifecycle);
  const back = [...svg.matchAll(/<g class="tl-edge tl-reopening" data-from="([^"]+)"/g)];
  expect(back.map(([, from]) => from)).toEqual(['resolved', 'closed']);
});

test('a title stands above each format', async () => {
  const title = 'Support: "ours"\n#1';
  expect(toMermaid(ticketLifecycle, { title })).toMatch(
    /^---\ntitle: "Support: \\"ours\\" #1"\n---\n/,
  );
  expect(toDot(ticketLifecycle, { title })).toContain(String.raw`label="Support: \"ours\"\n#1"`);
  expect(await toSvg(ticketLifecycle, { title })).toContain('>Support: &quot;ours&quot; #1</text>');
});

test.each([880, 640, 390])('every reason is shown whole, at %d px too', async (width) => {
  const reasons = [
    'Die Kundin hat noch keine Antwort auf ihre zweite Rückfrage bekommen.',
    'Only the lead of the team that owns this ticket closes it before the customer has confirmed.',
  ];
  const strict = defineLifecycle(
    setup({ guards: { first: () => false, second: () => false } }).createMachine({
      initial: 'open',
      states: {
        open: { on: { CLOSE: { target: 'closed', guard: and(['first', 'second']) } } },
        closed: { type: 'final' },
      },
    }),
    { guardMessages: { first: reasons[0] ?? '', second: reasons[1] ?? '' } },
  );
  const svg = await toSvg(strict, { at: 'open', width });
  const written = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, line]) => line);
  const dot = toDot(strict, { at: 'open' }).replaceAll(String.raw`\n`, ' ');
  for (const reason of reasons) {
    expect(written.join(' ')).toContain(`✗ ${reason}`);
    expect(dot).toContain(`✗ ${reason}`);
    expect(toMermaid(strict, { at: 'open' })).toContain(`✗ ${reason}`);
  }
});
