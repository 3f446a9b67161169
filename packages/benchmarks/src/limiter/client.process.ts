import { setTimeout as sleep } from 'node:timers/promises';
import { answerAsChild } from '../child.ts';
import { contestants, createClient, type Contestant, type ContestantName } from './contestants.ts';
import { arrivals, startStalling, type Workload } from './workloads.ts';

/** One run, or the part of it that one process makes. */
export interface ClientQuestion {
  readonly contestant: ContestantName | 'client';
  readonly url: string;
  readonly workload: Workload;
  /** Tickets from this number on, and how many. */
  readonly from: number;
  readonly requests: number;
  readonly seed: number;
}

export interface ClientAnswer {
  readonly steppedTo: readonly string[];
}

answerAsChild(async (question: ClientQuestion): Promise<ClientAnswer> => {
  const { contestant, url, workload, from, requests, seed } = question;
  const { schedule, steppedTo = [] }: Contestant =
    contestant === 'client' ? createClient(url) : contestants[contestant]();
  const stopStalling = workload === 'stalls' ? startStalling() : undefined;
  try {
    await Promise.all(
      arrivals(workload, requests, seed).map(async (at, index) => {
        if (at > 0) await sleep(at);
        const ticketId = `T-${from + index}`;
        await schedule(ticketId, () => post(`${url}/tickets/${ticketId}/status`));
      }),
    );
  } finally {
    stopStalling?.();
  }
  return { steppedTo: [...steppedTo] };
});

async function post(url: string): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { apikey: 'key', 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'in-progress', staffUserId: 7 }),
  });
  await response.arrayBuffer();
  return response.status;
}
