import { createRateLimit, type LimitAlgorithm } from '@ticket-lifecycle/sandbox';
import { createRateLimiter, type LimiterEvent, type RateLimiterOptions } from '../../src/index.ts';
import { FakeClock } from './fake-clock.ts';

/** A server: says whether it takes a request, and hears when one is done. */
export interface Server {
  readonly admit: (now: number) => boolean;
  readonly done?: () => void;
}

/** A server that takes so many a second, by one of the sandbox's algorithms. */
export function serverOf(algorithm: LimitAlgorithm, requestsPerSecond: number): Server {
  const limit = createRateLimit({ algorithm, requestsPerSecond });
  return { admit: (now) => limit.admit(now).admitted, done: () => limit.release?.() };
}

/** A server that takes so many at once, however often. */
export function atOnce(most: number): Server {
  let inWork = 0;
  return {
    admit: () => inWork < most && (inWork += 1) > 0,
    done: () => (inWork -= 1),
  };
}

/** Another program with the same key: it takes every place it gets for a while. */
export function withNeighbour(
  server: Server,
  clock: FakeClock,
  { fromMs, forMs, everyMs }: { fromMs: number; forMs: number; everyMs: number },
): Server {
  const start = clock.now() + fromMs;
  for (let at = 0; at < forMs; at += everyMs) {
    clock.setTimeout(() => {
      if (server.admit(start + at)) server.done?.();
    }, fromMs + at);
  }
  return server;
}

interface Saturation {
  readonly server: (clock: FakeClock) => Server;
  readonly forMs: number;
  readonly uplinkMs?: number;
  readonly workMs?: number;
  readonly options?: RateLimiterOptions;
}

/** Sends as much as a limiter lets pass, and notes what the server made of it. */
export async function saturate({ server, forMs, uplinkMs = 2, workMs = 1, options }: Saturation) {
  const clock = new FakeClock();
  const start = clock.now();
  const { admit, done } = server(clock);
  const limiter = createRateLimiter({ clock, ...options });
  const events: LimiterEvent[] = [];
  limiter.on((event) => events.push({ ...event, at: event.at - start }));
  const admitted: number[] = [];
  const refused: number[] = [];
  const run = async (lane: string) => {
    for (let first = false; clock.now() < start + forMs;) {
      const lease = await limiter.acquire('key', lane, { first });
      await clock.sleep(uplinkMs);
      const isAdmitted = admit(clock.now());
      (isAdmitted ? admitted : refused).push(clock.now() - start);
      if (isAdmitted) {
        await clock.sleep(workMs);
        done?.();
      }
      await clock.sleep(uplinkMs);
      lease.release({ kind: isAdmitted ? 'answered' : 'limited' });
      first = !isAdmitted;
    }
  };
  await clock.run(Promise.all(Array.from({ length: 60 }, (_, lane) => run(`T${lane}`))));
  const between = (times: readonly number[], from: number, to: number) =>
    times.filter((at) => at >= from && at < to).length;
  return {
    limiter,
    events,
    /** Admitted in a second, on average. */
    rate: (from: number, to: number) => (between(admitted, from, to) * 1000) / (to - from),
    refused: (from = 0, to = Infinity) => between(refused, from, to),
  };
}
