import { checkOptionNames, invalidOption } from '../error.ts';
import { type FaultKind, faultKinds, isFaultKind } from '../faults/fault-kinds.ts';
import type { ConformanceAdapter } from './adapter.ts';
import { type FaultTrial, tryFault } from './fault-trial.ts';
import { type LoadTrial, tryLoad } from './load-trial.ts';

/** Options of {@link runConformance}: narrow down the suite, or give a slow client more time. */
export interface ConformanceOptions {
  /** @defaultValue faultKinds, all of them */
  readonly faults?: readonly FaultKind[] | undefined;
  /** How many changes the trial under load asks for; 0 leaves it out. @defaultValue 75 */
  readonly changes?: number | undefined;
  /**
   * What a client is told to wait for an answer. Give it more on a busy machine, where a client can
   * lose patience before its request has arrived. @defaultValue 1000
   */
  readonly timeoutMs?: number | undefined;
  /** How long a change may take in all, before the client is said to hang. @defaultValue 60_000 */
  readonly deadlineMs?: number | undefined;
  /**
   * How long the server must have been left alone before a client is judged, so that what it sends
   * after its verdict is seen. @defaultValue 1000
   */
  readonly watchMs?: number | undefined;
  /** How many trials run side by side. @defaultValue 6 */
  readonly concurrency?: number | undefined;
  /** Hears of each client that is done. */
  readonly onClient?: ((report: ClientReport) => void) | undefined;
}

/** How one client did. */
export interface ClientReport {
  readonly client: string;
  readonly faults: readonly FaultTrial[];
  readonly survived: number;
  readonly inDoubt: number;
  /** Changes that a fault has prevented for good, though they could have been made. */
  readonly lost: number;
  /** Writes beyond one for each change. */
  readonly duplicates: number;
  /** Changes with a verdict that says the contrary, or with something else that was wrong. */
  readonly wrong: number;
  readonly hung: number;
  readonly keysLeaked: number;
  readonly load: LoadTrial | undefined;
}

/** What the suite has found, as plain data. */
export interface ConformanceReport {
  readonly timeoutMs: number;
  readonly clients: readonly ClientReport[];
}

/**
 * Runs clients of the API against every fault and against the limit, over real HTTP on this
 * machine, and reports what became of their changes; for Node.js only. The clients run one after
 * another, so that none of them suffers from the others: one that can't be connected is wrong in each
 * trial, with the reason among its problems.
 *
 * @example
 * ```ts
 * import { runConformance } from '@ticket-lifecycle/sandbox/conformance';
 *
 * const { clients } = await runConformance(
 *   [{ name: 'lazy', connect: () => ({ changeStatus: async () => 'not-changed' }) }],
 *   { faults: ['404', 'cut-body'], changes: 0 },
 * );
 * console.log(clients[0]?.faults.map(({ result }) => result)); // [ 'wrong', 'lost' ]
 * ```
 */
export async function runConformance(
  adapters: readonly ConformanceAdapter[],
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const { faults = faultKinds, changes = 75, timeoutMs = 1000, deadlineMs = 60_000 } = options;
  const { watchMs = 1000, concurrency = 6, onClient } = options;
  const numbers = [
    ['changes', changes, 0],
    ['timeoutMs', timeoutMs, 1],
    ['deadlineMs', deadlineMs, 1],
    ['watchMs', watchMs, 0],
    ['concurrency', concurrency, 1],
  ] as const;
  const known = ['faults', ...numbers.map(([name]) => name), 'onClient'];
  checkOptionNames('runConformance', options, known);
  for (const [name, value, least] of numbers) {
    if (!Number.isInteger(value) || value < least) {
      throw invalid(name, `an integer of at least ${least}`, value);
    }
  }
  if (!Array.isArray(faults)) throw invalid('faults', 'a list of faults', faults);
  const unknown = faults.find((fault) => !isFaultKind(fault));
  if (unknown !== undefined) throw invalid('faults', `of ${faultKinds.join(', ')}`, unknown);
  for (const [index, adapter] of adapters.entries()) {
    const { name } = (adapter ?? {}) as { readonly name?: unknown };
    if (typeof name === 'string') continue;
    throw invalidOption(`runConformance: the name of client ${index + 1}`, 'a text', name);
  }

  const clients: ClientReport[] = [];
  for (const adapter of adapters) {
    const trial = { timeoutMs, deadlineMs, watchMs };
    const tried = await inParallel(faults, concurrency, (fault) => tryFault(adapter, fault, trial));
    const load = changes === 0 ? undefined : await tryLoad(adapter, { ...trial, changes });
    const report = sumUp(adapter.name, tried, load);
    clients.push(report);
    onClient?.(report);
  }
  return { timeoutMs, clients };
}

function sumUp(
  client: string,
  faults: readonly FaultTrial[],
  load: LoadTrial | undefined,
): ClientReport {
  const count = (is: (trial: FaultTrial) => boolean) => faults.filter(is).length;
  return {
    client,
    faults,
    survived: count(({ result }) => result === 'survived'),
    inDoubt: count(({ result }) => result === 'in doubt'),
    lost: count(({ result }) => result === 'lost'),
    duplicates: faults.reduce((sum, { writes }) => sum + Math.max(writes - 1, 0), 0),
    wrong: count(({ wrong }) => wrong),
    hung: count(({ result }) => result === 'hung'),
    keysLeaked: count(({ result }) => result === 'key leaked'),
    load,
  };
}

/** Works through a list, a few at a time, and keeps its order. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return results;
}

const invalid = (name: string, expected: string, received: unknown) =>
  invalidOption(`runConformance: option "${name}"`, expected, received);
