import { createSandbox, type Sandbox } from '@ticket-lifecycle/sandbox';
import type { Place } from './virtual-time.ts';
import type { World } from './world.ts';

/** The API: a sandbox at a place of its own, and the way to it. */
export interface Api {
  readonly sandbox: Sandbox;
  /** What a process uses for `fetch`. */
  fetchFrom(place: Place): typeof globalThis.fetch;
  /** Requests that are still on their way. */
  underWay(): number;
  /** Tickets that a colleague has moved. */
  readonly touched: ReadonlySet<string>;
}

export function createApi(world: World): Api {
  const { time, schedule, strike, arriveAt } = world;
  const place = world.placeOf('api');
  const touched = new Set<string>();
  let awayUntil = 0;
  let underWay = 0;
  const sandbox = time.at(place, () =>
    createSandbox({
      tickets: schedule.tickets.map(({ ticketId }) => ({ ticketId })),
      clock: { now: () => time.now },
      startedAt: new Date(),
      sleep: (ms) => arriveAt(place, ms),
      seed: schedule.seed,
    }),
  );
  sandbox.faults.when(({ method }) => {
    return strike(['api'], (fault) => fault.method === method)?.fault;
  });
  world.whenever('api-away', ({ ms }) => {
    awayUntil = Math.max(awayUntil, time.now + ms);
  });
  world.whenever('colleague', ({ ticket, status }) => {
    const ticketId = schedule.tickets[ticket]?.ticketId ?? '';
    touched.add(ticketId);
    time.at(place, () => sandbox.tickets.setStatus(ticketId, status));
  });

  /** Serves a request to its end, whether or not its client still waits. */
  async function serve({ url, method, headers }: Request, body: string): Promise<Response> {
    world.note('api', `${method} ${url.slice(url.indexOf('/tickets'))} ${body}`);
    const init = method === 'GET' ? { method, headers } : { method, headers, body };
    return time.at(place, () => sandbox.fetch(url, init));
  }

  async function send(from: Place, request: Request): Promise<Response> {
    const { method } = request;
    const body = await request.text();
    const isMine = (fault: { readonly method: string }) => fault.method === method;
    const on = strike(['request-lost', 'response-lost', 'request-late'], isMine);
    underWay += 1;
    await arriveAt(place, on?.kind === 'request-late' ? on.ms : world.between(1, 20));
    underWay -= 1;
    if (time.now < awayUntil) {
      await arriveAt(from);
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
      });
    }
    if (on?.kind === 'request-lost') return new Promise<never>(() => {});
    let response: Response;
    try {
      response = await serve(request, body);
    } catch (error) {
      await arriveAt(from);
      throw error;
    }
    if (on?.kind === 'response-lost') return new Promise<never>(() => {});
    await arriveAt(from, world.between(1, 20));
    return response;
  }

  return {
    sandbox,
    touched,
    underWay: () => underWay,
    fetchFrom: (from) => async (input, init) => {
      const request = new Request(input, init);
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(request.signal.reason);
      if (request.signal.aborted) throw request.signal.reason;
      request.signal.addEventListener('abort', abort, { once: true });
      return Promise.race([send(from, request), aborted.promise]);
    },
  };
}
