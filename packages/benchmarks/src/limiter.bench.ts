import type { Benchmark } from './benchmark.ts';
import { contestants, type ContestantName } from './limiter-contestants.ts';
import { makeRuns } from './limiter-pool.ts';
import { figuresOf, report } from './limiter-report.ts';
import { allRuns } from './limiter-runs.ts';

const sideBySide = 14;

const isPeer = (name: string): name is ContestantName => !name.startsWith('ticket-lifecycle');

export const run: Benchmark = async ({ progress }) => {
  const peers = Object.keys(contestants).filter(isPeer);
  const runs = allRuns(peers);
  progress(`${runs.length} runs of some 8 seconds, ${sideBySide} side by side`);
  const ran = await makeRuns(runs, sideBySide, progress);
  return { markdown: report(ran, peers, sideBySide), figures: figuresOf(ran) };
};
