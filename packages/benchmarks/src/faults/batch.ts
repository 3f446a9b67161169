import { ticketLifecycle, ticketStatuses } from '@ticket-lifecycle/core';
import { createSandbox, faultKinds, type Sandbox } from '@ticket-lifecycle/sandbox';
import {
  createSeriesClient,
  createTicketWorkflow,
  type Outcome,
  type WorkflowEvent,
} from '@ticket-lifecycle/series';
import { countedClock, FakeTime } from '../fake-time.ts';
import { seededRandom } from '../seeded-random.ts';

/** A change that was asked for, and how it ended. */
export interface AskedChange {
  /** Stands in the request as `staffUserId`, so that the record tells whose a request was. */
  readonly id: number;
  readonly ticketId: string;
  readonly event: string;
  readonly outcome: Outcome | undefined;
  readonly error: unknown;
}

/** What happened in a batch. */
export interface Batch {
  readonly seed: number;
  readonly sandbox: Sandbox;
  readonly changes: readonly AskedChange[];
  readonly events: readonly WorkflowEvent[];
  /** Timers of the client and the workflow that were left when all was closed. */
  readonly timersLeft: number;
  /** How much time has passed for those who waited. */
  readonly passedMs: number;
}

export const batchKey = 'sk_live_f4ult+b4tch/==';

const tickets = 20;
const changesPerTicket = 5;
/** How many changes a batch asks for. */
export const changesPerBatch = tickets * changesPerTicket;

const settings = {
  faultShare: 0.2,
  // A request that is on its way longer than the client waits for its answer.
  lateShare: 0.01,
  latestMs: 18_000,
  colleagueEveryMs: 4000,
  // Callers who lose patience, some of them before the request has left.
  abortShare: 0.05,
  latestAbortMs: 2000,
};

/**
 * Asks for changes of twenty tickets while a fifth of all requests meets a fault, some arrive late,
 * and a colleague moves tickets at will. All of it follows from the seed, and no time is waited for.
 */
export async function runBatch(seed: number): Promise<Batch> {
  const random = seededRandom(seed);
  const time = new FakeTime();
  // The sandbox has timers too; those of the client are counted apart.
  const clock = countedClock(time);
  const startedAt = time.now();
  const sandbox = createSandbox({
    clock: time,
    sleep: time.sleep,
    startedAt: new Date(startedAt),
    seed,
    delayMs: { beforeCounting: [0, 80], beforeAnswering: [0, 40] },
    tickets: Array.from({ length: tickets }, (_, index) => ({
      ticketId: `TICKET-${index}`,
      status: pick(ticketStatuses, random),
    })),
  });
  sandbox.faults.rate(settings.faultShare, { seed, faults: faultKinds });

  const client = createSeriesClient({
    apiKey: batchKey,
    fetch: network(sandbox, time, random),
    clock,
    random,
  });
  const workflow = createTicketWorkflow({
    lifecycle: ticketLifecycle,
    client,
    clock,
    // One of the faults is a success that changes nothing: only reading back can tell.
    verify: true,
  });
  const events: WorkflowEvent[] = [];
  workflow.on((event) => events.push(event));
  const colleague = startColleague(sandbox, time, random);

  const changes: AskedChange[] = [];
  const asked = Array.from({ length: tickets }, (_, index) => askInTurn(`TICKET-${index}`));
  await time.run(Promise.all(asked));
  colleague.stop();
  await time.run(workflow.close());
  return {
    seed,
    sandbox,
    changes,
    events,
    timersLeft: clock.timers.size,
    passedMs: time.now() - startedAt,
  };

  /** Some callers wait for the one before, some do not. */
  async function askInTurn(ticketId: string): Promise<void> {
    const under: Promise<void>[] = [];
    for (let index = 0; index < changesPerTicket; index += 1) {
      const event = sensibleEvent(ticketId);
      const asking = ask(ticketId, event);
      if (random() < 0.7) await asking;
      else under.push(asking);
    }
    await Promise.all(under);
  }

  /** Mostly what would be possible right now, since the rest is blocked and sends nothing. */
  function sensibleEvent(ticketId: string): (typeof ticketLifecycle.events)[number] {
    const status = sandbox.tickets.get(ticketId)?.status;
    const enabled = status === undefined ? [] : ticketLifecycle.enabled(status);
    return random() < 0.9 && enabled.length > 0
      ? pick(enabled, random).event
      : pick(ticketLifecycle.events, random);
  }

  function impatience(): AbortSignal {
    const controller = new AbortController();
    time.setTimeout(() => controller.abort(), random() * settings.latestAbortMs);
    return controller.signal;
  }

  async function ask(ticketId: string, event: (typeof ticketLifecycle.events)[number]) {
    const id = changes.length + 1;
    const place = changes.push({ id, ticketId, event, outcome: undefined, error: undefined }) - 1;
    const via = event === 'START' && random() < 0.2 ? 'claim' : 'status';
    const signal = random() < settings.abortShare ? impatience() : undefined;
    try {
      const outcome = await workflow.apply(ticketId, event, { staffUserId: id, via, signal });
      changes[place] = { id, ticketId, event, outcome, error: undefined };
    } catch (error) {
      changes[place] = { id, ticketId, event, outcome: undefined, error };
    }
  }
}

/** The sandbox behind a network on which a request may take longer than its client waits. */
function network(sandbox: Sandbox, time: FakeTime, random: () => number): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const isLate = request.method === 'POST' && random() < settings.lateShare;
    const response = isLate
      ? await late(new Request(request.url, { ...detached(request), body: await request.text() }))
      : await sandbox.fetch(request);
    // What a real server says of its clock.
    response.headers.set('date', new Date(time.now()).toUTCString());
    return response;

    async function late(copy: Request): Promise<Response> {
      const { signal } = request;
      const arrived = time.sleep(random() * settings.latestMs).then(() => sandbox.fetch(copy));
      arrived.catch(() => {});
      const gone = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      return Promise.race([arrived, gone]);
    }
  };
}

const detached = ({ method, headers, redirect }: Request) => ({ method, headers, redirect });

/** Moves a ticket now and then, as people do. */
function startColleague({ tickets: all }: Sandbox, time: FakeTime, random: () => number) {
  let timer: unknown;
  const next = () => {
    timer = time.setTimeout(() => {
      const ticket = pick([...all], random);
      if (ticket !== undefined) all.setStatus(ticket.ticketId, pick(ticketStatuses, random));
      next();
    }, random() * settings.colleagueEveryMs);
  };
  next();
  return { stop: () => time.clearTimeout(timer) };
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
