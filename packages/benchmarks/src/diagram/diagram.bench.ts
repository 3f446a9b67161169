import { ticketLifecycle } from '@ticket-lifecycle/core';
import { toDot, toMermaid, toSvg } from '@ticket-lifecycle/diagram';
import type { Benchmark } from '../benchmark.ts';
import { median } from '../median.ts';
import { table } from '../table.ts';

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
  return {
    markdown: table('default lifecycle | ms, median', [
      ['`toSvg`', svgMs.toFixed(3)],
      ['`toSvg`, the first one, with the loading of Graphviz', firstSvgMs.toFixed(3)],
      ['`toMermaid`', mermaidMs.toFixed(3)],
      ['`toDot`', dotMs.toFixed(3)],
    ]),
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
  return median(times);
}
