import { setTimeout as sleep } from 'node:timers/promises';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { startSandbox } from '@ticket-lifecycle/sandbox';
import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
import { createLoad, growthOf, heapMb, soakTickets, type Soaked } from './load.ts';

/** What a soak in real time shows besides. */
export interface SoakedForReal extends Soaked {
  readonly limited: number;
  readonly mostInOneSecond: number;
  /** Sockets of this process that were left when all was closed. */
  readonly socketsLeft: number;
}

const samples = 20;

/** Soaks a workflow over real HTTP, with as many changes as the budget has room for. */
export async function soakForReal(
  seconds: number,
  progress: (text: string) => void,
): Promise<SoakedForReal> {
  const before = resources();
  const running = await startSandbox({
    maxRecordedRequests: 1000,
    delayMs: { beforeCounting: [0, 20] },
    tickets: soakTickets,
  });
  const { sandbox, url } = running;
  sandbox.faults.rate(0.01, {
    faults: ['reset-after-applying', 'cut-body', '503-before-applying'],
  });
  const client = createSeriesClient({ apiKey: 'soak', baseUrl: url, timeoutMs: 2000 });
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
  const load = createLoad(workflow, sandbox);

  const heap: number[] = [];
  const startedAt = performance.now();
  for (let sample = 1; sample <= samples; sample += 1) {
    const until = startedAt + (sample / samples) * seconds * 1000;
    while (performance.now() < until) {
      // A little more than the budget takes would pile up; so much waits that it never runs dry.
      const { waiting } = client.rateLimiter.describe(client.keyId);
      for (let more = waiting; more < 25; more += 1) load.ask();
      await sleep(100);
    }
    // What is in the queue at the beginning does not count as growth.
    if (sample > 2) heap.push(heapMb());
    progress(`${Math.round((seconds * sample) / samples)} s, ${load.changes} changes`);
  }
  await load.ended();
  await workflow.close();
  await running.close();
  // The connections of the process's own fetch close a moment after the server has.
  for (let tries = 0; tries < 50 && resources().sockets > before.sockets; tries += 1) {
    await sleep(100);
  }
  const { sockets, timers } = resources();
  const { limited, mostAdmittedInOneSecond, requests } = sandbox.record();
  return {
    changes: load.changes,
    outcomes: load.outcomes,
    requests,
    limited,
    mostInOneSecond: mostAdmittedInOneSecond,
    heapMb: heap,
    growthMb: growthOf(heap),
    timersLeft: Math.max(0, timers - before.timers),
    socketsLeft: Math.max(0, sockets - before.sockets),
  };
}

function resources(): { readonly sockets: number; readonly timers: number } {
  const active = process.getActiveResourcesInfo();
  const count = (name: string) => active.filter((one) => one.includes(name)).length;
  return { sockets: count('TCPSocketWrap'), timers: count('Timeout') };
}
