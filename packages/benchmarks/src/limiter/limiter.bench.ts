import type { Benchmark } from '../benchmark.ts';
import { contestants, type ContestantName } from './contestants.ts';
import { makeRuns } from './make-runs.ts';
import { figuresOf, report } from './report.ts';
import { allRuns } from './runs.ts';

const sideBySide = 14;

const isPeer = (name: string): name is ContestantName => !name.startsWith('ticket-lifecycle');

export const run: Benchmark = async ({ progress }) => {
  const peers = Object.keys(contestants).filter(isPeer);
  const runs = allRuns(peers);
  progress(`${runs.length} runs of some 8 seconds, ${sideBySide} side by side`);
  const ran = await makeRuns(runs, sideBySide, progress);
  return { markdown: report(ran, peers, sideBySide), figures: figuresOf(ran) };
};
