import { createRateLimiter, createSeriesClient, type PacingPolicy } from '@ticket-lifecycle/series';
import Bottleneck from 'bottleneck';
import { RateLimiter } from 'limiter';
import PQueue from 'p-queue';
import pThrottle from 'p-throttle';
import { RateLimiterMemory, RateLimiterQueue } from 'rate-limiter-flexible';

/** A request of a run: sends itself and says with which status it was answered. */
export type Send = () => Promise<number>;

/** What a contestant lets pass, and what it said meanwhile. */
export interface Contestant {
  readonly schedule: (ticketId: string, send: Send) => Promise<void>;
  /** The policies that it stepped down to. */
  readonly steppedTo?: readonly PacingPolicy[];
}

const limit = 25;

/** Makers by name. Each makes a limiter of its own, as its documentation says for 25 a second. */
export const contestants = {
  'ticket-lifecycle, paced': () => ours('paced'),
  'ticket-lifecycle, burst': () => ours('burst'),
  'bottleneck, reservoir': () => {
    const refresh = { reservoirRefreshAmount: limit, reservoirRefreshInterval: 1000 };
    return bottleneck(new Bottleneck({ reservoir: limit, ...refresh }));
  },
  'bottleneck, minTime': () => bottleneck(new Bottleneck({ minTime: 1000 / limit })),
  'p-throttle, strict': () => {
    const throttled = pThrottle({ limit, interval: 1000, strict: true })((send: Send) => send());
    return { schedule: async (_, send) => void (await throttled(send)) };
  },
  'p-queue, strict': () => {
    const queue = new PQueue({ intervalCap: limit, interval: 1000, strict: true });
    return { schedule: async (_, send) => void (await queue.add(send)) };
  },
  'rate-limiter-flexible': () => {
    const queue = new RateLimiterQueue(new RateLimiterMemory({ points: limit, duration: 1 }));
    return removing(() => queue.removeTokens(1));
  },
  limiter: () => {
    const limiter = new RateLimiter({ tokensPerInterval: limit, interval: 'second' });
    return removing(() => limiter.removeTokens(1));
  },
} satisfies Record<string, () => Contestant>;

export type ContestantName = keyof typeof contestants;

function ours(policy: PacingPolicy): Contestant {
  const limiter = createRateLimiter({ policy });
  return {
    async schedule(ticketId, send) {
      const lease = await limiter.acquire('key', ticketId);
      const status = await send();
      lease.release({ kind: status === 429 ? 'limited' : 'answered' });
    },
  };
}

const bottleneck = (limiter: Bottleneck): Contestant => ({
  schedule: async (_, send) => void (await limiter.schedule(send)),
});

const removing = (token: () => Promise<unknown>): Contestant => ({
  async schedule(_, send) {
    await token();
    await send();
  },
});

/** The whole client, which comes back after a 429 and so has to bring everything home. */
export function createClient(baseUrl: string): Contestant {
  const client = createSeriesClient({ apiKey: 'key', baseUrl, maxWaitMs: 300_000 });
  const steppedTo: PacingPolicy[] = [];
  client.rateLimiter.on?.((event) => {
    if (event.type === 'stepped-down') steppedTo.push(event.to.policy);
  });
  return {
    steppedTo,
    async schedule(ticketId) {
      await client.changeStatus({ ticketId, status: 'in-progress', staffUserId: 7 });
    },
  };
}
