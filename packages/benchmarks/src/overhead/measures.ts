import { queues, type QueueName } from './queues.ts';

// So many a second that nobody has to wait, and so few that as good as all do.
const endless = 1e9;
const one = 1;

/** The fastest of several rounds, each to the end of its last task. */
export async function microsecondsPerTask(name: QueueName, count: number): Promise<number> {
  const lanes = laneNames(count);
  const { signal } = new AbortController();
  // The first rounds are slow for everybody: the engine is still learning.
  const rounds = count === 100_000 ? 8 : 2;
  let fastestMs = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const { ask, end } = queues[name](endless);
    globalThis.gc?.();
    const all = Promise.withResolvers<undefined>();
    let ended = 0;
    const served = (given: unknown) => {
      end?.(given);
      ended += 1;
      if (ended === count) all.resolve(undefined);
    };
    const startedAt = performance.now();
    for (const lane of lanes) void ask(lane, signal).then(served);
    await all.promise;
    fastestMs = Math.min(fastestMs, performance.now() - startedAt);
  }
  return (fastestMs * 1000) / count;
}

/** What a task takes up while it waits, from its promise to its place in the queue. */
export async function bytesPerWaiting(name: QueueName, count: number): Promise<number> {
  const lanes = laneNames(count);
  const stop = new AbortController();
  const { ask } = queues[name](one);
  const promises: Promise<unknown>[] = Array.from({ length: count });
  await ask('first', stop.signal);
  const before = heapInUse();
  for (const [index, lane] of lanes.entries()) promises[index] = ask(lane, stop.signal);
  // Some take a task in only in a later turn.
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  const bytes = heapInUse() - before;
  for (const promise of promises) promise.catch(() => {});
  stop.abort();
  return bytes / count;
}

/** From an abort to the last rejection of all who wait, or `undefined` where there is none. */
export async function millisecondsToAbort(
  name: QueueName,
  count: number,
): Promise<number | undefined> {
  let fastestMs = Infinity;
  for (let round = 0; round < 5; round += 1) {
    const { ask, knowsSignals } = queues[name](one);
    if (knowsSignals !== true) return undefined;
    const stop = new AbortController();
    await ask('first', stop.signal);
    const all = Promise.withResolvers<undefined>();
    let rejected = 0;
    const onRejected = () => {
      rejected += 1;
      if (rejected === count) all.resolve(undefined);
    };
    for (const lane of laneNames(count)) ask(lane, stop.signal).catch(onRejected);
    globalThis.gc?.();
    const startedAt = performance.now();
    stop.abort();
    await all.promise;
    fastestMs = Math.min(fastestMs, performance.now() - startedAt);
  }
  return fastestMs;
}

const laneNames = (count: number) => Array.from({ length: count }, (_, index) => `T-${index}`);

function heapInUse(): number {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc, as npm run bench does.');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
