import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox, faultKinds } from '@ticket-lifecycle/sandbox';
import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
import { countedClock, FakeTime } from '../fake-time.ts';
import { seededRandom } from '../seeded-random.ts';
import { createLoad, growthOf, heapMb, soakTickets, type Soaked } from './load.ts';

/** How long to soak, and how hard. */
export interface SoakInFakeTime {
  readonly hours: number;
  /** Milliseconds between two changes. */
  readonly everyMs: number;
}

const hourMs = 3_600_000;
// Bodies of 64 MiB would be most of the work, and test the sandbox. After a few answers of 429 in
// spite of all care the client would send one request at a time, and the budget would lie idle.
const faults = faultKinds.filter((kind) => kind !== 'gigantic-body' && !kind.startsWith('429'));

/** Soaks a workflow on a clock that passes time only when nothing else is left to do. */
export async function soakInFakeTime({ hours, everyMs }: SoakInFakeTime): Promise<Soaked> {
  const time = new FakeTime();
  const clock = countedClock(time);
  const random = seededRandom(1);
  const sandbox = createSandbox({
    clock: time,
    sleep: time.sleep,
    startedAt: new Date(time.now()),
    delayMs: { beforeCounting: [0, 20], beforeAnswering: [0, 20] },
    maxRecordedRequests: 1000,
    tickets: soakTickets,
  });
  sandbox.faults.rate(0.02, { seed: 1, faults });
  const client = createSeriesClient({ apiKey: 'soak', fetch: sandbox.fetch, clock, random });
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, clock });
  let steps = 0;
  workflow.on(() => (steps += 1));
  const load = createLoad(workflow, sandbox);

  const endsAt = time.now() + hours * hourMs;
  const samples: number[] = [];
  const sampleEveryMs = (hours * hourMs) / 24;
  let nextSampleAt = time.now() + 4 * sampleEveryMs;
  await time.run(soak());
  await time.run(load.ended());
  await time.run(workflow.close());
  return {
    changes: load.changes,
    outcomes: load.outcomes,
    requests: sandbox.record().requests,
    heapMb: samples,
    growthMb: growthOf(samples),
    timersLeft: clock.timers.size,
  };

  async function soak(): Promise<void> {
    while (time.now() < endsAt) {
      load.ask();
      await time.sleep(everyMs);
      if (time.now() < nextSampleAt) continue;
      nextSampleAt += sampleEveryMs;
      samples.push(heapMb());
    }
  }
}
