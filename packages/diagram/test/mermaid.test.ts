import { ticketLifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toMermaid } from '../src/index.ts';
import { understand } from './support/mermaid-parser.ts';
import { drawn } from './support/random-lifecycle.ts';

test('the default lifecycle is a diagram that people can read as it is', () => {
  expect(toMermaid(ticketLifecycle)).toMatchInlineSnapshot(`
    "stateDiagram-v2
      direction LR
      state "in-progress" as in_progress
      [*] --> open
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

test('Mermaid reads every state and edge of a thousand random lifecycles, each once', async () => {
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
      expect(plain.length).toBeGreaterThanOrEqual(edges.length);
      if (options.counts === undefined) expect(plain).toHaveLength(edges.length);
      for (const [index, { event }] of edges.entries()) {
        if (replaced.test(event)) continue;
        const start = event.replaceAll('ﬂ', 'fl').replaceAll('\t', ' ').trim().slice(0, 100);
        expect(plain[index]?.text.replace(/^✓ /, '').trimStart()).toContain(start.trimEnd());
      }
    }),
    { numRuns: 1000 },
  );
}, 120_000);
