import { createRateLimiter, type Lease } from '@ticket-lifecycle/series';
import Bottleneck from 'bottleneck';
import { RateLimiter } from 'limiter';
import PQueue from 'p-queue';
import pThrottle from 'p-throttle';
import { RateLimiterMemory, RateLimiterQueue } from 'rate-limiter-flexible';

/** A limiter whose limit is so high that nobody waits for it, or so low that all do. */
export interface Queue {
  /** Asks for one task, of which nothing is measured but that it may go. */
  readonly ask: (lane: string, signal: AbortSignal) => Promise<unknown>;
  /** What is to be done with what `ask` gave when the task has ended. */
  readonly end?: (given: unknown) => void;
  /** Whether a task that waits can be taken out by a signal. */
  readonly knowsSignals?: boolean;
}

const mostWaiting = 2_000_000;

const idle = (): void => {};

/** Makers by name, for a number of tasks in a second. */
export const queues = {
  'ticket-lifecycle': (requestsPerSecond: number): Queue => {
    const limiter = createRateLimiter({ requestsPerSecond, maxQueue: mostWaiting });
    return {
      ask: (lane, signal) => limiter.acquire('key', lane, { signal }),
      end: (lease) => (lease as Lease).release({ kind: 'answered' }),
      knowsSignals: true,
    };
  },
  bottleneck: (perSecond: number): Queue => {
    const limiter = new Bottleneck({
      reservoir: perSecond,
      reservoirRefreshAmount: perSecond,
      reservoirRefreshInterval: 1000,
    });
    const task = async () => {};
    return { ask: () => limiter.schedule(task) };
  },
  'p-throttle, strict': (perSecond: number): Queue => ({
    ask: pThrottle({ limit: perSecond, interval: 1000, strict: true })(async () => {}),
  }),
  'p-queue, strict': (perSecond: number): Queue => {
    const queue = new PQueue({ intervalCap: perSecond, interval: 1000, strict: true });
    return { ask: (_, signal) => queue.add(idle, { signal }), knowsSignals: true };
  },
  'rate-limiter-flexible': (perSecond: number): Queue => {
    const memory = new RateLimiterMemory({ points: perSecond, duration: 1 });
    const queue = new RateLimiterQueue(memory, { maxQueueSize: mostWaiting });
    return { ask: () => queue.removeTokens(1) };
  },
  limiter: (perSecond: number): Queue => {
    const limiter = new RateLimiter({ tokensPerInterval: perSecond, interval: 'second' });
    return { ask: () => limiter.removeTokens(1) };
  },
} satisfies Record<string, (perSecond: number) => Queue>;

export type QueueName = keyof typeof queues;
