import { drawCase } from '../../../series/test/adversary/cases.ts';
import { describe, runAll, type Trial } from '../../../series/test/adversary/run-all.ts';
import { variants } from '../../../series/test/adversary/variants.ts';
import type { Benchmark } from '../benchmark.ts';
import { seededRandom } from '../seeded-random.ts';

const mostShown = 10;

/** Servers, colleagues and caches at their worst, drawn by lot from the tables of the tests. */
export const run: Benchmark = async ({ progress, seed = 1, cases = 5000 }) => {
  progress(`Seed ${seed}, ${cases} cases.`);
  const random = seededRandom(seed);
  const trials = Array.from({ length: cases }, (_, index): Trial => {
    const one = drawCase(random, `Case ${index + 1} of seed ${seed}`);
    const variant = variants[Math.floor(random() * variants.length)];
    if (variant === undefined) throw new Error('There are no variants.');
    return { one, variant };
  });
  let done = 0;
  const { figures, offenders } = await runAll(trials, {
    onTrial() {
      done += 1;
      if (done % 1000 === 0) progress(`${done} cases done.`);
    },
  });
  for (const offender of offenders.slice(0, mostShown)) progress(describe(offender));
  const { trials: ran, ...faults } = figures;
  const rows = Object.entries({ cases: ran, ...faults });
  return {
    markdown: [
      '| | |',
      '| --- | ---: |',
      ...rows.map(([name, count]) => `| ${name} | ${count} |`),
    ].join('\n'),
    figures: { cases: ran, ...faults },
  };
};
