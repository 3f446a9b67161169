import type { Benchmark } from '../benchmark.ts';
import { contestants, type ContestantName } from './contestants.ts';
import { makeRuns } from './make-runs.ts';
import { measurePath, mostMeasuredRequests } from './measure-path.ts';
import { measureRecovery } from './measure-recovery.ts';
import { figuresOf, report } from './report.ts';
import { allRuns } from './runs.ts';

const sideBySide = 14;

const isPeer = (name: string): name is ContestantName => !name.startsWith('ticket-lifecycle');

export const run: Benchmark = async ({ progress, cases = mostMeasuredRequests }) => {
  const peers = Object.keys(contestants).filter(isPeer);
  const runs = allRuns(peers);
  progress(`${runs.length} runs of some 8 seconds, ${sideBySide} side by side`);
  const ran = await makeRuns(runs, sideBySide, progress);
  progress(`${cases} requests to distant servers under the policy measured`);
  const path = await measurePath(cases, sideBySide);
  progress('neighbours and stricter servers, two minutes');
  const recovery = await measureRecovery();
  return {
    markdown: [report(ran, peers, sideBySide), path.markdown, recovery.markdown].join('\n\n'),
    figures: { ...figuresOf(ran), ...path.figures, ...recovery.figures },
  };
};
