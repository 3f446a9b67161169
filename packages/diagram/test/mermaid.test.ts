import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toMermaid } from '../src/index.ts';
import { mermaidId } from '../src/mermaid/mermaid-text.ts';
import { idsOf } from '../src/picture/ids.ts';
import { understand } from './support/mermaid-parser.ts';
import { drawn } from './support/random-lifecycle.ts';

const runs = Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 200);

test('the default lifecycle is a diagram that people can read as it is', () => {
  expect(toMermaid(ticketLifecycle)).toMatchInlineSnapshot(`
    "stateDiagram-v2
      accTitle: Ticket lifecycle
      accDescr {
        A ticket starts in open. From open: START to in-progress. From
        in-progress: RESOLVE to resolved. From resolved: CLOSE to closed,
        REOPEN to open. From closed: REOPEN to open.
      }
      direction LR
      [*] --> open
      state "in-progress" as in_progress
      open --> in_progress: START
      in_progress --> resolved: RESOLVE
      resolved --> closed: CLOSE
      resolved --> open: REOPEN
      closed --> open: REOPEN
    "
  `);
});

// What the text of a diagram can't hold as it is.
const replaced = /(?![\t\n])\p{Cc}|[\u2028-\u202E\u2066-\u2069\uFEFF]/u;

test('Mermaid reads every state and edge of many random lifecycles, each once', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ({ lifecycle, options }) => {
      const { states, edges } = lifecycle;
      const { states: seen, arrows } = await understand(toMermaid(lifecycle, options));
      const finals = states.filter((state) => edges.every(({ from }) => from !== state));
      const shared = new Set(
        states
          .map((state) => lifecycle.statusOf(state))
          .filter((status, index, all) => all.indexOf(status) !== index),
      );
      const isEnd = ({ id }: { id: string }) => /_(?:start|end)\d*$/.test(id);
      expect(seen.filter((state) => !isEnd(state))).toHaveLength(states.length + shared.size);
      // Beside the edges: one from the start, one into each end, and changes that are no edge.
      const plain = arrows.filter(({ from, to }) => !isEnd({ id: from }) && !isEnd({ id: to }));
      expect(arrows.length - plain.length).toBe(1 + finals.length);
      // Edges of one pair of states may share an arrow, so events are looked for pair by pair.
      const idOf = idsOf(states, mermaidId);
      for (const { from, to, event } of edges) {
        if (replaced.test(event)) continue;
        const start = event.replaceAll('ﬂ', 'fl').replaceAll('\t', ' ').trim().slice(0, 100);
        const texts = plain
          .filter((arrow) => arrow.from === idOf.get(from) && arrow.to === idOf.get(to))
          .map(({ text }) => text);
        expect(texts.join('\n')).toContain(start.trimEnd());
      }
    }),
    { numRuns: runs },
  );
});

test('all loops of a state are one arrow: Mermaid 11 draws only the last of several', () => {
  const loops = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { NOTE: 'open', PING: 'open', CLOSE: 'closed' } },
      closed: { on: { REOPEN: 'open' } },
    },
  });
  expect(toMermaid(loops)).toContain('  open --> open: NOTE<br/>PING\n');
});

test('the drawing begins with the state of a new ticket', () => {
  const [first] = toMermaid(ticketLifecycle).match(/^.*-->.*$/m) ?? [];
  expect(first).toBe('  [*] --> open');
});

test('people who hear the picture are told what it shows', () => {
  const text = toMermaid(ticketLifecycle, { title: 'Support' });
  expect(text).toContain('  accTitle: Support\n');
  expect(text).toContain(
    '  accDescr {\n    A ticket starts in open. From open: START to in-progress.',
  );
  // Without a word behind it, Mermaid would take the next line for the title.
  expect(toMermaid(ticketLifecycle, { title: ' ' })).toContain('  accTitle: Ticket lifecycle\n');
});

test('a label of two lines has no sign that Mermaid would read as Markdown', () => {
  const marked = ['**x**', '_x_', '`x`', '~~x~~', '$$x$$'];
  const lists = ['1. x', '10) x', '- x', '+ x', '# x', '### x'];
  const links = ['[x](y)', '![x](y)', 'https://x.example', 'see www.x.example', 'x@y.example'];
  for (const label of [...marked, ...lists, ...links]) {
    const lifecycle = defineLifecycle({
      initial: 'open',
      states: {
        open: { on: { FINISH: 'done' } },
        done: { meta: { status: 'closed', label }, on: { REOPEN: 'open' } },
      },
    });
    const [, text] = /state "(.*)<br\/>/.exec(toMermaid(lifecycle)) ?? [];
    // As Markdown reads it: its entities are letters again.
    const read = (text ?? '').replaceAll(/#(\d+);/g, (_, code: string) =>
      String.fromCodePoint(Number(code)),
    );
    expect(read).toContain('x');
    expect(read).not.toMatch(/[*_`~$]|^(?:\d+[.)]|[-+]|#+)\s|\]\(|:\/\/|www\.|@/);
  }
  // An edge is read as Markdown before its entities are letters.
  const linked = defineLifecycle({
    initial: 'open',
    states: { open: { on: { 'www.x.example': 'closed' } }, closed: { type: 'final' } },
  });
  expect(toMermaid(linked)).toContain('open --> closed: www#46;x.example\n');
});

test('a label that only resembles Markdown stays as it is', () => {
  for (const label of ['a-b', '1.5 hours', 'C# + x', 'x (y)', 'time: 9', 'a_b']) {
    const lifecycle = defineLifecycle({
      initial: 'open',
      states: {
        open: { on: { FINISH: 'done' } },
        done: { meta: { status: 'closed', label }, on: { REOPEN: 'open' } },
      },
    });
    const [, text = ''] = /state "(.*)<br\/>/.exec(toMermaid(lifecycle)) ?? [];
    const read = text.replaceAll(/#(\d+);/g, (_, code: string) =>
      String.fromCodePoint(Number(code)),
    );
    expect(read).toBe(label);
  }
});
