import { ticketLifecycle } from '@ticket-lifecycle/core';
import { toDot, toMermaid, toSvg } from '@ticket-lifecycle/diagram';
import type { Benchmark } from '../benchmark.ts';

const warmUp = 20;
const rounds = 100;

/** Draws the default lifecycle in each format, and takes the median of many rounds. */
export const run: Benchmark = async ({ progress }) => {
  progress(`Drawing the default lifecycle ${rounds} times in each format …`);
  const begun = performance.now();
  await toSvg(ticketLifecycle);
  const firstSvgMs = performance.now() - begun;
  const svgMs = await medianMs(() => toSvg(ticketLifecycle));
  const mermaidMs = await medianMs(() => toMermaid(ticketLifecycle));
  const dotMs = await medianMs(() => toDot(ticketLifecycle));
  const row = (what: string, ms: number) => `| ${what} | ${ms.toFixed(3)} |`;
  return {
    markdown: [
      '| default lifecycle | ms, median |',
      '| --- | ---: |',
      row('`toSvg`', svgMs),
      row('`toSvg`, the first one, with the loading of Graphviz', firstSvgMs),
      row('`toMermaid`', mermaidMs),
      row('`toDot`', dotMs),
    ].join('\n'),
    figures: { svgMs, firstSvgMs, mermaidMs, dotMs },
  };
};

async function medianMs(draw: () => unknown): Promise<number> {
  for (let round = 0; round < warmUp; round += 1) await draw();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await draw();
    times.push(performance.now() - begun);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}
