import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createMemoryStore } from '../../src/memory/memory-store.ts';
import { checkChange } from '../../src/model/change.ts';
import type { ClaimEnd, ClaimName, Life } from '../../src/model/claim.ts';
import type { Store } from '../../src/model/store.ts';
import { change } from './trial.ts';

/** One step of a session: of a service's transaction, or of the dispatcher. */
export type Step =
  | { readonly of: 'A' | 'B'; readonly do: 'begin' | 'accept' | 'commit' | 'rollback' }
  | {
      readonly of: 'C';
      readonly do: 'claim' | 'end' | 'take' | 'cancel' | 'redrive' | 'skip' | 'give-up';
      readonly kind?: 'done' | 'dead' | 'retry';
    };

/** All ways to run sessions side by side: each keeps the order of its own steps. */
export function merges<Item>(lists: readonly (readonly Item[])[]): Item[][] {
  const open = lists.filter(({ length }) => length > 0);
  if (open.length === 0) return [[]];
  return open.flatMap((list) => {
    const rest = open.map((other) => (other === list ? other.slice(1) : other));
    const [first] = list;
    return first === undefined ? [] : merges(rest).map((tail) => [first, ...tail]);
  });
}

interface Transaction {
  /** Accepts the change of a session, and waits while another holds the gate of its ticket. */
  readonly client: pg.PoolClient;
  readonly id: string;
  readonly ticketId: string;
  done: Promise<unknown>;
  hasGate: boolean;
  isOver: boolean;
}

/** What a dispatcher of a store has done and seen. */
interface Dispatcher {
  readonly store: Store<never>;
  life: Life;
  number: number;
  held: ClaimName[];
  readonly log: unknown[];
}

/**
 * Runs steps on real sessions, and their effects on the memory store in the order in which they
 * become visible: a change when its transaction commits, a step of the dispatcher when it is made.
 * Gives what each of them saw, and what is left at the end in the order of delivery.
 */
export async function runSteps(
  pool: pg.Pool,
  sql: Store<never>,
  sqlLife: Life,
  steps: readonly Step[],
  tickets: { readonly A: string; readonly B: string },
): Promise<{ readonly real: unknown[]; readonly memory: unknown[]; readonly life: Life }> {
  const memoryStore = createMemoryStore({
    requestsPerSecond: 1000,
    pace: 'burst',
    timeoutMs: 1000,
  });
  const real: Dispatcher = { store: sql, life: sqlLife, number: 0, held: [], log: [] };
  const memory: Dispatcher = {
    ...real,
    store: memoryStore,
    life: await memoryStore.enter(),
    held: [],
    log: [],
  };
  const ids = { A: randomUUID(), B: randomUUID() };
  const names = new Map<string, string>([
    [ids.A, 'A'],
    [ids.B, 'B'],
  ]);
  const open = async (of: 'A' | 'B'): Promise<Transaction> => ({
    client: await pool.connect(),
    id: ids[of],
    ticketId: tickets[of],
    done: Promise.resolve(),
    hasGate: false,
    isOver: false,
  });
  const sessions = { A: await open('A'), B: await open('B') };
  const other = (one: Transaction) => (one === sessions.A ? sessions.B : sessions.A);
  const newChange = ({ id, ticketId }: Transaction) => ({
    id,
    // A key of its own, whose slots are all free.
    change: checkChange(change(ticketId, 'START', { key: tickets.A })),
  });
  // Steps of a transaction that waits for the other one's gate.
  const behind: (() => Promise<void>)[] = [];

  async function act(one: Transaction, what: 'begin' | 'accept' | 'commit' | 'rollback') {
    const { client } = one;
    if (what === 'begin') return void (await client.query('begin'));
    if (what === 'accept') {
      const rival = other(one);
      const mustWait = rival.hasGate && !rival.isOver && rival.ticketId === one.ticketId;
      one.hasGate = !mustWait;
      one.done = sql.accept([newChange(one)], client as never);
      if (!mustWait) return void (await one.done);
      one.done = one.done.then(() => (one.hasGate = true));
      return;
    }
    const finish = async () => {
      await one.done;
      await client.query(what);
      one.isOver = true;
      if (what === 'commit' && one.hasGate) await memoryStore.accept([newChange(one)]);
      const rival = other(one);
      if (rival.ticketId === one.ticketId) await rival.done;
      for (const step of behind.splice(0)) await step();
    };
    const rival = other(one);
    const waits = !one.hasGate && rival.hasGate && !rival.isOver && rival.ticketId === one.ticketId;
    if (waits) behind.push(finish);
    else await finish();
  }

  for (const step of steps) {
    if (step.of !== 'C') await act(sessions[step.of], step.do);
    else for (const one of [real, memory]) await dispatch(one, step, ids, names, tickets);
  }
  for (const step of behind.splice(0)) await step();
  for (const { client } of [sessions.A, sessions.B]) client.release();
  for (const one of [real, memory]) await drain(one, names, tickets.A);
  return { real: real.log, memory: memory.log, life: real.life };
}

async function dispatch(
  one: Dispatcher,
  step: Extract<Step, { readonly of: 'C' }>,
  ids: { readonly A: string },
  names: ReadonlyMap<string, string>,
  tickets: { readonly A: string },
): Promise<void> {
  const { store, log } = one;
  switch (step.do) {
    case 'claim':
      return claim(one, names);
    case 'end':
      return end(one, step.kind ?? 'done', names);
    case 'take': {
      const { slots } = await store.takeSlots({ [tickets.A]: 2 });
      return void log.push(['take', slots.length]);
    }
    case 'give-up':
      await store.leave(one.life);
      one.life = await store.enter();
      one.held = [];
      return void log.push(['give-up']);
    case 'skip':
      return void log.push(['skip', await store.skip(ids.A, 'by hand')]);
    default:
      log.push([step.do, await store[step.do](ids.A)]);
  }
}

async function claim(one: Dispatcher, names: ReadonlyMap<string, string>): Promise<void> {
  const { store, life, held, log } = one;
  const { jobs, strays, lost } = await store.claim(life, {
    number: (one.number += 1),
    most: 9,
    held,
  });
  one.held = [...held, ...jobs.map(({ id, fence }) => ({ id, fence }))];
  const seen = jobs.map(
    ({ id, attempt, doubtMs }) => `${names.get(id)} ${attempt} ${doubtMs !== null}`,
  );
  log.push(['claim', seen.toSorted((x, y) => (x < y ? -1 : 1)), strays.length, lost.length]);
}

async function end(
  one: Dispatcher,
  kind: ClaimEnd['kind'],
  names: ReadonlyMap<string, string>,
): Promise<void> {
  const { store, life, held, log } = one;
  const ends = held.map(
    (name) => ({ life: life.id, ...name, kind, doubt: 'none', delayMs: 0 }) as const,
  );
  const { stands } = await store.end(ends, []);
  one.held = [];
  log.push([
    'end',
    kind,
    [...stands].map((id) => names.get(id) ?? '?').toSorted((x, y) => (x < y ? -1 : 1)),
  ]);
}

/** Delivers all that is left, and notes what became of each change. */
async function drain(
  one: Dispatcher,
  names: ReadonlyMap<string, string>,
  key: string,
): Promise<void> {
  const { store, log } = one;
  await end(one, 'done', names);
  for (const id of names.keys()) log.push(['redrive', names.get(id), await store.redrive(id)]);
  for (let round = 0; round < 3; round += 1) {
    await claim(one, names);
    await end(one, 'done', names);
  }
  for (const id of names.keys()) log.push([names.get(id), (await store.inspect.change(id))?.kind]);
  const { waiting, underWay, retrying, dead } = await store.inspect.depth(key);
  log.push({ waiting, underWay, retrying, dead });
}
