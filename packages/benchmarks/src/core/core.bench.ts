import { ticketLifecycle } from '@ticket-lifecycle/core';
import type { Benchmark } from '../benchmark.ts';
import { table } from '../table.ts';
import { coldImportMs, gzipKb } from './bundle.ts';
import { canAnswerers, createSteppers, explainAnswerers, type Question } from './peers.ts';
import { historySteps, measureReplay } from './replay.ts';
import { drawFrom, time, type Timings } from './timing.ts';

const size = 4096;
const pairs: Question[] = ticketLifecycle.states.flatMap((state) =>
  ticketLifecycle.events.map((event) => ({ state, event })),
);
const allowed = pairs.filter(({ state, event }) => ticketLifecycle.can(state, event));
const round = (['START', 'RESOLVE', 'CLOSE', 'REOPEN'] as const).map((event, index) => ({
  state: ticketLifecycle.states[index] ?? 'open',
  event,
}));

/** Times core beside its peers, and weighs it. */
export const run: Benchmark = async ({ progress }) => {
  progress('Asking …');
  const can = time(canAnswerers, drawFrom(pairs, size));
  const explain = time(explainAnswerers, drawFrom(allowed, size));
  const steps = time(
    createSteppers(),
    Array.from(
      { length: size },
      (_, index) => round[index % 4] ?? { state: 'open', event: 'START' },
    ),
  );
  progress('Replaying …');
  const replay = measureReplay();
  progress('Bundling and importing …');
  const bundles = {
    'a page that asks, and parses with zod': await gzipKb(
      `export { defineLeanLifecycle, leanTicketLifecycle } from '@ticket-lifecycle/core/lean';
       export { ticketStatusSchema, TransitionBlockedError } from '@ticket-lifecycle/core';`,
    ),
    'a page that asks': await gzipKb(
      `export { defineLeanLifecycle, leanTicketLifecycle } from '@ticket-lifecycle/core/lean';`,
    ),
    'a page that plans, replays and waits as well': await gzipKb(
      `export { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';`,
    ),
    'everything that core exports': await gzipKb(`export * from '@ticket-lifecycle/core';`),
    'the client of Series HR (`series/client`)': await gzipKb(
      `export { createSeriesClient } from '@ticket-lifecycle/series/client';`,
      'node',
    ),
    'the workflow (`series`)': await gzipKb(
      `export { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';`,
      'node',
    ),
    'XState alone': await gzipKb(`export { setup, transition } from 'xstate';`),
    robot3: await gzipKb(`export * from 'robot3';`),
    'javascript-state-machine': await gzipKb(`export { default } from 'javascript-state-machine';`),
  };
  const imports = Object.fromEntries(
    ['@ticket-lifecycle/core', 'xstate', 'robot3', 'javascript-state-machine'].map((specifier) => [
      `\`${specifier}\``,
      coldImportMs(specifier),
    ]),
  );

  const ours = ratioOf(can, '`lifecycle.can`');
  return {
    markdown: `# core beside its peers

One process, ${size} questions in an order that no one can guess, the median of interleaved rounds.
Ratios can be trusted; times are of this machine.

## May I?

${tableOf(can, '`lifecycle.can`')}

## Where does it lead? (allowed)

${tableOf(explain, '`lifecycle.explain`')}

## One step of a walk

${tableOf(steps, '`lifecycle.next`')}

## A history of ${historySteps.toLocaleString('en')} steps

${table('what | ms', [
  ['`JSON.parse` of its NDJSON', replay.parseMs.toFixed(0)],
  ['`replaySteps` of its statuses', replay.replayMs.toFixed(0)],
  ['both, in one pass', replay.parseAndReplayMs.toFixed(0)],
])}

The heap grows by ${replay.heapGrowthMb.toFixed(2)} MB on the way.

## Bundled, minified, gzip

For a browser, but the client and the workflow for Node.js.

${listOf(bundles, 'KB')}

## Imported by a fresh process

${listOf(imports, 'ms')}
`,
    figures: {
      canNs: can['`lifecycle.can`'] ?? Number.NaN,
      explainNs: explain['`lifecycle.explain`'] ?? Number.NaN,
      nextNs: steps['`lifecycle.next`'] ?? Number.NaN,
      canVsTable: ours('a hand-written table'),
      // A robot3 machine can't be asked without taking the step.
      canVsRobot3: (steps['robot3 `send`'] ?? Number.NaN) / (can['`lifecycle.can`'] ?? Number.NaN),
      explainVsXstateTransition:
        1 / ratioOf(explain, '`lifecycle.explain`')('XState `transition()`'),
      replayVsJsonParse: replay.replayMs / replay.parseMs,
      parseAndReplayVsJsonParse: replay.parseAndReplayMs / replay.parseMs,
      replayHeapGrowthMb: replay.heapGrowthMb,
      coreGzipKb: bundles['a page that asks, and parses with zod'],
      planningPageGzipKb: bundles['a page that plans, replays and waits as well'],
      clientGzipKb: bundles['the client of Series HR (`series/client`)'],
      workflowGzipKb: bundles['the workflow (`series`)'],
      everythingGzipKb: bundles['everything that core exports'],
      coldImportMs: imports['`@ticket-lifecycle/core`'] ?? Number.NaN,
    },
  };
};

const ratioOf = (timings: Timings, ours: string) => (theirs: string) =>
  (timings[ours] ?? Number.NaN) / (timings[theirs] ?? Number.NaN);

const tableOf = (timings: Timings, ours: string) =>
  table(
    'who | ns | times ours',
    Object.entries(timings).map(([name, ns]) => [
      name,
      ns.toFixed(1),
      (ns / (timings[ours] ?? Number.NaN)).toFixed(2),
    ]),
  );

const listOf = (figures: Readonly<Record<string, number>>, unit: string) =>
  table(
    `what | ${unit}`,
    Object.entries(figures).map(([name, figure]) => [name, figure.toFixed(2)]),
  );
