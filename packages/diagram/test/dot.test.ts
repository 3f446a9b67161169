import {
  defineLifecycle,
  ticketLifecycle,
  ticketStatuses,
  type LifecycleConfig,
} from '@ticket-lifecycle/core';
import { instance } from '@viz-js/viz';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toDot } from '../src/index.ts';
import { drawn } from './support/random-lifecycle.ts';

const runs = Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 300);

let viz = await instance();

interface Read {
  readonly objects: readonly { readonly name: string; readonly label: string }[];
  readonly edges?: readonly { readonly label?: string; readonly class?: string }[];
}

/** Reads and places a graph with Graphviz itself. */
async function understand(dot: string): Promise<Read> {
  const result = await render(dot);
  if (result.status === 'failure') throw new Error(JSON.stringify(result.errors));
  // It knows no widths of letters beyond Latin, and says so.
  const errors = result.errors.filter(({ message }) => !message.includes('width'));
  expect(errors).toEqual([]);
  return JSON.parse(result.output) as Read;
}

// Without lines: on their way around some boxes Graphviz breaks more often.
const withoutLines = { format: 'json0', graphAttributes: { splines: 'none' } };

// Once in a few thousand graphs an earlier one has left Graphviz's WASM in disorder.
async function render(dot: string) {
  try {
    return viz.render(dot, withoutLines);
  } catch {
    viz = await instance();
    return viz.render(dot, withoutLines);
  }
}

/** What a label says, without the blanks at which it may be broken. */
const letters = (label: string) =>
  label
    .replaceAll(/\\n|\s/g, '')
    .replaceAll('&amp;', '&')
    .replaceAll(/\\(.)/g, '$1');

test('the default lifecycle is a graph that people can read as it is', () => {
  expect(toDot(ticketLifecycle)).toMatchInlineSnapshot(`
    "digraph lifecycle {
      graph [rankdir=LR, compound=true, newrank=true, fontname="Helvetica"];
      node [shape=box, style=rounded, fontname="Helvetica", fontsize=12];
      edge [fontname="Helvetica", fontsize=10];
      "start of a ticket" [shape=point, width=0.15];
      "open" [label="open", class="state"];
      "in-progress" [label="in-progress", class="state"];
      "resolved" [label="resolved", class="state"];
      "closed" [label="closed", class="state"];
      "start of a ticket" -> "open";
      "open" -> "in-progress" [label="START", class="edge"];
      "in-progress" -> "resolved" [label="RESOLVE", class="edge"];
      "resolved" -> "closed" [label="CLOSE", class="edge"];
      "resolved" -> "open" [label="REOPEN", class="edge", color="#6b7280", fontcolor="#6b7280"];
      "closed" -> "open" [label="REOPEN", class="edge", color="#6b7280", fontcolor="#6b7280"];
    }
    "
  `);
});

test('Graphviz reads every state and edge of many random lifecycles, each once', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ({ lifecycle, options }) => {
      const { objects, edges = [] } = await understand(toDot(lifecycle, options));
      const nodes = objects.filter(({ name }) => !name.startsWith('cluster_'));
      expect(nodes).toHaveLength(lifecycle.states.length + 1);
      const drawnEdges = edges.filter((edge) => edge.class?.startsWith('edge'));
      expect(drawnEdges).toHaveLength(lifecycle.edges.length);
      // Graphviz groups edges by where they begin.
      const labels = drawnEdges.map(({ label = '' }) => letters(label).replace(/^✓/, ''));
      for (const { event } of lifecycle.edges) {
        const start = Array.from(event.replaceAll(/\s/g, '')).slice(0, 6).join('');
        expect(labels.some((label) => label.startsWith(start))).toBe(true);
      }
    }),
    // Always the same ones: one in some ten thousand is too much for Graphviz itself.
    { numRuns: runs, seed: 1 },
  );
});

test('Graphviz draws nine states of four statuses without a word', async () => {
  const status = (index: number) => ticketStatuses[(index >> 1) % 4];
  const on = (index: number) => ({
    A: `s${(index + 1) % 9}`,
    B: `s${(index * 2 + 1) % 9}`,
    C: `s${(index * 4 + 2) % 9}`,
  });
  const states = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [
      `s${index}`,
      { meta: { status: status(index) }, on: on(index) },
    ]),
  );
  const grouped = defineLifecycle({ initial: 's0', states } as LifecycleConfig);
  const { objects } = await understand(toDot(grouped));
  expect(objects.filter(({ name }) => name.startsWith('s'))).toHaveLength(10);
});
