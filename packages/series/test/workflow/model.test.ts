import { ticketLifecycle, ticketStatuses, type TicketStatus } from '@ticket-lifecycle/core';
import { createSandbox, faultKinds, type FaultKind, type Sandbox } from '@ticket-lifecycle/sandbox';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createSeriesClient,
  createTicketWorkflow,
  type Clock,
  type KnownState,
  type Outcome,
  type SeriesClient,
  type StatusStore,
  type WorkflowEvent,
} from '../../src/index.ts';
import { countTimers, FakeClock } from '../support/fake-clock.ts';

const ticketIds = ['T-1', 'T-2', 'T-3'];
type EventName = (typeof ticketLifecycle.events)[number];

interface Asked {
  readonly id: number;
  readonly ticketId: string;
  readonly event: EventName;
  readonly abort: AbortController;
  readonly ending: Promise<Outcome>;
}

/** A request that changes a ticket, as it left a process. */
interface Write {
  readonly process: number;
  readonly id: number;
  readonly ticketId: string;
  readonly status: string;
  readonly at: number;
}

const workflowOf = (client: SeriesClient, clock: Clock, store: StatusStore | undefined) =>
  createTicketWorkflow({ lifecycle: ticketLifecycle, client, clock, store });

// False memories are older than any read that a change may still be based on: maxAgeMs, a queue,
// and a doubt that was settled.
const longAgoMs = 10 * 60_000;

/** The real thing: a sandbox, and one process after another that drives it. */
class World {
  readonly clock = new FakeClock();
  /** The clock of the processes, so that the sandbox's own timers don't count. */
  readonly counted = countTimers(this.clock);
  readonly sandbox: Sandbox;
  readonly asked: Asked[] = [];
  readonly events: WorkflowEvent[] = [];
  readonly writes: Write[] = [];
  readonly mistakes: string[] = [];
  /** What outlives a process: a database in which each notes what it knows. */
  readonly known = new Map<string, KnownState>();
  readonly #hasDatabase: boolean;
  #processes = 0;
  #workflows: ReturnType<typeof workflowOf>[];
  readonly #closings: Promise<void>[] = [];

  constructor(seed: number) {
    this.sandbox = createSandbox({
      clock: this.clock,
      sleep: this.clock.sleep,
      seed,
      delayMs: { beforeCounting: [0, 80], beforeAnswering: [0, 80] },
      tickets: ticketIds.map((ticketId) => ({ ticketId })),
    });
    this.#hasDatabase = seed % 2 === 0;
    this.#workflows = this.#startProcess(seed);
  }

  #startProcess(seed: number) {
    const process = (this.#processes += 1);
    const underWay = new Map<string, number>();
    let random = seed;
    const client = createSeriesClient({
      apiKey: 'key',
      clock: this.counted.clock,
      random: () => (random = (random * 16_807) % 2_147_483_647) / 2_147_483_647,
      fetch: async (input, init) => {
        const request = new Request(input, init);
        if (request.method !== 'POST') return this.sandbox.fetch(request);
        const body = (await request.clone().json()) as { status?: string; staffUserId: number };
        // A claim names no status.
        const { status = 'in-progress', staffUserId: id } = body;
        const ticketId = new URL(request.url).pathname.split('/')[2] ?? '';
        const count = (underWay.get(ticketId) ?? 0) + 1;
        underWay.set(ticketId, count);
        if (count > 1) this.mistakes.push(`${count} changes of ${ticketId} are under way`);
        this.writes.push({ process, id, ticketId, status, at: this.clock.now() });
        try {
          return await this.sandbox.fetch(request);
        } finally {
          underWay.set(ticketId, count - 1);
        }
      },
    });
    const { known } = this;
    // Each process opens the database for itself.
    const store: StatusStore | undefined = this.#hasDatabase
      ? {
          get: (ticketId) => known.get(ticketId),
          set: (ticketId, state) => void known.set(ticketId, state),
          delete: (ticketId) => void known.delete(ticketId),
          ...(seed % 4 === 0 ? { keepsGoingTo: true } : {}),
        }
      : undefined;
    return [1, 2].map(() => {
      const workflow = workflowOf(client, this.counted.clock, store);
      workflow.on((event) => this.events.push(event));
      return workflow;
    });
  }

  apply(ticketId: string, event: EventName, pick: number): void {
    const workflow = this.#workflows[pick % 2];
    if (workflow === undefined) return;
    const via = event === 'START' && pick % 3 === 0 ? 'claim' : 'status';
    const id = this.asked.length + 1;
    const abort = new AbortController();
    const options = { staffUserId: id, signal: abort.signal, via } as const;
    const ending = workflow.apply(ticketId, event, options);
    this.asked.push({ id, ticketId, event, abort, ending });
  }

  /** Another process takes over, which knows nothing; the one before is told to stop. */
  restart(seed: number): void {
    this.#close();
    this.#workflows = this.#startProcess(seed);
  }

  #close(): void {
    this.#closings.push(...this.#workflows.map((workflow) => workflow.close()));
  }

  /** The statuses that a ticket has had since a moment, or that it was asked to take. */
  statusesOf(ticketId: string, since: number): Set<string> {
    const set = [
      ...this.sandbox.systemMessages.map(({ ticketId: id, at, to }) => ({ id, at, to })),
      ...this.writes.map(({ ticketId: id, at, status: to }) => ({ id, at, to })),
    ].filter(({ id }) => id === ticketId);
    const before = set.filter(({ at }) => at < since).sort((a, b) => b.at - a.at);
    const lastAt = before[0]?.at ?? -Infinity;
    const last = before.filter(({ at }) => at === lastAt).map(({ to }) => to);
    const later = set.filter(({ at }) => at >= since).map(({ to }) => to);
    return new Set<string>([...(last.length > 0 ? last : ['open']), ...later]);
  }

  async end(): Promise<readonly Outcome[]> {
    const endings = this.asked.map(({ ending }) => ending);
    const outcomes = await this.clock.run(Promise.all(endings));
    this.#close();
    await this.clock.run(Promise.all(this.#closings));
    return outcomes;
  }
}

/** What is asked of a world, in the order in which it is asked. */
type Command =
  | { readonly kind: 'apply'; readonly ticketId: string; readonly pick: number }
  | { readonly kind: 'abort'; readonly which: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'fault'; readonly fault: FaultKind }
  | {
      readonly kind: 'other';
      readonly ticketId: string;
      readonly status: TicketStatus;
      /** After how many milliseconds an automation undoes it, if one does. */
      readonly backMs: number | undefined;
    }
  | { readonly kind: 'claim'; readonly ticketId: string }
  | {
      readonly kind: 'memory';
      readonly ticketId: string;
      readonly state: string;
      readonly ageMs: number;
    }
  | { readonly kind: 'restart'; readonly seed: number };

const ticketId = fc.constantFrom(...ticketIds);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      ticketId,
      pick: fc.nat(1000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('abort' as const), which: fc.nat(30) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(15_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      fault: fc.constantFrom(...faultKinds.filter((kind) => kind !== 'gigantic-body')),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('other' as const),
      ticketId,
      status: fc.constantFrom(...ticketStatuses),
      backMs: fc.option(fc.nat(50), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), ticketId }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('memory' as const),
      ticketId,
      state: fc.constantFrom(...ticketStatuses, 'waiting-on-customer'),
      ageMs: fc.oneof(fc.nat(60_000), fc.integer({ min: longAgoMs, max: 30 * 86_400_000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('restart' as const), seed: fc.integer({ min: 1 }) }),
  },
);

/** Mostly an event that is possible right now: the others are blocked, and send nothing. */
function eventFor({ sandbox }: World, { ticketId: id, pick }: { ticketId: string; pick: number }) {
  const { events } = ticketLifecycle;
  const status = sandbox.tickets.get(id)?.status;
  const enabled = status === undefined ? [] : ticketLifecycle.enabled(status);
  const possible = pick % 5 === 0 || enabled.length === 0 ? events : enabled.map((e) => e.event);
  return possible[pick % possible.length] ?? 'START';
}

async function carryOut(world: World, asked: Command): Promise<void> {
  switch (asked.kind) {
    case 'apply':
      return world.apply(asked.ticketId, eventFor(world, asked), asked.pick);
    case 'abort':
      return world.asked.at(asked.which % Math.max(world.asked.length, 1))?.abort.abort();
    case 'time':
      return world.clock.advance(asked.ms);
    case 'fault':
      return world.sandbox.faults.next(1, asked.fault);
    case 'other': {
      const { tickets } = world.sandbox;
      const before = tickets.get(asked.ticketId)?.status;
      if (before === undefined) return undefined;
      tickets.setStatus(asked.ticketId, asked.status);
      if (asked.backMs === undefined) return undefined;
      await world.clock.advance(asked.backMs);
      if (tickets.has(asked.ticketId)) tickets.setStatus(asked.ticketId, before);
      return undefined;
    }
    case 'claim': {
      const { tickets } = world.sandbox;
      if (tickets.has(asked.ticketId)) tickets.claim(asked.ticketId);
      return undefined;
    }
    case 'memory': {
      // What is remembered may be wrong or from another definition, unless it is fresh.
      const status = world.sandbox.tickets.get(asked.ticketId)?.status;
      const state = asked.ageMs < longAgoMs ? status : asked.state;
      const seenAt = world.clock.now() - asked.ageMs;
      if (state !== undefined) world.known.set(asked.ticketId, { state, seenAt });
      return undefined;
    }
    case 'restart':
      return world.restart(asked.seed);
  }
}

function expectKept(world: World, outcomes: readonly Outcome[]): void {
  expect(world.mistakes).toEqual([]);

  // Every call ends in exactly one outcome.
  expect(outcomes).toHaveLength(world.asked.length);
  const asked = world.events.filter(({ type }) => type === 'asked');
  const ended = world.events.filter(({ type }) => type === 'ended');
  expect(asked).toHaveLength(world.asked.length);
  expect(ended).toHaveLength(world.asked.length);

  for (const [index, outcome] of outcomes.entries()) {
    const { id, event } = world.asked[index] ?? { id: 0, event: 'START' };
    const writes = world.writes.filter((write) => write.id === id);
    expect(outcome.attempts).toBe(writes.length);
    // Nothing is sent that the model forbids, and what is sent is what the model says.
    for (const { status, ticketId: written, at } of writes) {
      const from = outcome.from as TicketStatus;
      expect(ticketLifecycle.can(from, event)).toBe(true);
      expect(status).toBe(ticketLifecycle.next(from, event));
      // What it leads from is no old memory: the ticket was there not long ago.
      expect(world.statusesOf(written, at - longAgoMs)).toContain(from);
    }
    // By the record of the server: what was not sent has no effect, what a response confirms has.
    const applied = world.sandbox.requests.filter(
      (request) =>
        request.applied && (request.body as { staffUserId?: unknown }).staffUserId === id,
    );
    expect(applied.length).toBeLessThanOrEqual(1);
    if (outcome.kind === 'not-sent' || outcome.kind === 'refused') expect(applied).toEqual([]);
  }

  // The changes of one ticket leave a process in the order in which they were asked for.
  for (const ticket of ticketIds) {
    const bySource = Map.groupBy(
      world.writes.filter((write) => write.ticketId === ticket),
      ({ process }) => process,
    );
    for (const writes of bySource.values()) {
      const ids = writes.map(({ id }) => id);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
    }
  }
  expect(world.counted.timers.size).toBe(0);
}

test('whatever happens, changes keep their order, their limits and their word', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }),
      async (seed, commands) => {
        const world = new World(seed);
        for (const one of commands) await carryOut(world, one);
        expectKept(world, await world.end());
      },
    ),
    { numRuns: 60 },
  );
});
