import type { Benchmark } from '../benchmark.ts';
import { startChild } from '../child.ts';
import { table } from '../table.ts';
import type { OverheadQuestion } from './measure.process.ts';
import { queues, type QueueName } from './queues.ts';

const ours: QueueName = 'ticket-lifecycle';
const few = 100_000;
const many = 1_000_000;
// Some need milliseconds a task; they are shown with what they can do in a few seconds.
const slow: ReadonlySet<QueueName> = new Set(['bottleneck']);
const fewest = 500;

export const run: Benchmark = async ({ progress }) => {
  const rows: (string | number)[][] = [];
  const figures: Record<string, number> = {};
  for (const name of Object.keys(queues) as QueueName[]) {
    progress(name);
    const isSlow = slow.has(name);
    const count = isSlow ? fewest : few;
    const speed = await ask({ name, measure: 'microseconds', count });
    const speedOfMany = isSlow
      ? undefined
      : await ask({ name, measure: 'microseconds', count: many });
    const bytes = await ask({ name, measure: 'bytes', count });
    const bytesOfMany = isSlow ? undefined : await ask({ name, measure: 'bytes', count: many });
    const abortMs = await ask({ name, measure: 'abort', count });
    if (name === ours) {
      Object.assign(figures, {
        microsecondsPerTask: speed ?? Number.NaN,
        bytesPerQueuedTask: bytes ?? Number.NaN,
        abort100kMs: abortMs ?? Number.NaN,
        microsecondsPerTaskOfMillion: speedOfMany ?? Number.NaN,
        bytesPerQueuedTaskOfMillion: bytesOfMany ?? Number.NaN,
      });
    }
    const cell = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '–';
    rows.push([
      isSlow ? `${name}, ${fewest} only` : name,
      cell(speed, 2),
      cell(speedOfMany, 2),
      cell(bytes, 0),
      cell(bytesOfMany, 0),
      cell(abortMs, 0),
    ]);
  }
  return {
    markdown: `# What a limiter costs

A limit that is never reached, so that only the work of the limiter is left. Time is per task, from asking to the end of all, with a promise for each: the fastest of several rounds, since other programs can only make it slower. Bytes are per task that waits for a slot, its promise included. Ours waits in a lane of its own, under a signal that it shares, and so do others where they know signals. Each figure comes from a process of its own. An abort ends ${few.toLocaleString('en')} waiting tasks by one signal, up to the last rejection.

${table(
  'limiter | µs per task, 100,000 | µs, 1,000,000 | bytes waiting, 100,000 | bytes, 1,000,000 | ms to abort 100,000',
  rows,
)}
`,
    figures,
  };
};

/** Measures in a process of its own, which learns from nothing but this and leaves no timer. */
async function ask(question: OverheadQuestion): Promise<number | undefined> {
  const child = startChild<OverheadQuestion, number | undefined>(
    new URL('measure.process.ts', import.meta.url),
  );
  const answer = await child.ask(question);
  child.kill();
  return answer;
}
