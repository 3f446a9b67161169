import { setTimeout as sleep } from 'node:timers/promises';
import { createSeriesClient } from '@ticket-lifecycle/series';
import { answerAsChild } from '../child.ts';

/** Asks for as much as the limiter lets pass, for a while. */
export interface LearningQuestion {
  readonly url: string;
  readonly forMs: number;
  /** When somebody else spends the budget too, with a request every 10 ms. */
  readonly neighbour?: { readonly fromMs: number; readonly forMs: number } | undefined;
}

/** Moments in milliseconds from the beginning. */
export interface LearningAnswer {
  readonly answeredAt: readonly number[];
  readonly limitedAt: readonly number[];
}

const lanes = 40;
const neighbourEveryMs = 10;

answerAsChild(async ({ url, forMs, neighbour }: LearningQuestion) => {
  const client = createSeriesClient({ apiKey: 'key', baseUrl: url });
  const startedAt = performance.now();
  const now = () => performance.now() - startedAt;
  const answeredAt: number[] = [];
  const limitedAt: number[] = [];
  client.rateLimiter.on?.(({ type }) => {
    if (type === 'paused') limitedAt.push(now());
  });
  const ask = async (ticketId: string) => {
    while (now() < forMs) {
      await client.getTicket(ticketId);
      answeredAt.push(now());
    }
  };
  const asking = Array.from({ length: lanes }, (_, index) => ask(`T-${index}`));
  if (neighbour !== undefined) await beNeighbour(url, neighbour);
  await Promise.all(asking);
  return { answeredAt, limitedAt } satisfies LearningAnswer;
});

async function beNeighbour(url: string, { fromMs, forMs }: { fromMs: number; forMs: number }) {
  await sleep(fromMs);
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    void fetch(`${url}/tickets/get/T-0`, { headers: { apikey: 'key' } })
      .then((response) => response.arrayBuffer())
      .catch(() => {});
    await sleep(neighbourEveryMs);
  }
}
