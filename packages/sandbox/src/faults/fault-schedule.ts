import { checkOptionNames, invalidOption, type SandboxError } from '../error.ts';
import { createRandom } from '../random.ts';
import { type FaultKind, faultKinds, isFaultKind } from './fault-kinds.ts';

/**
 * A request as a rule of {@link Faults.when} sees it, before its body is read.
 *
 * @example
 * ```ts
 * import { createSandbox, type FaultRequest } from '@ticket-lifecycle/sandbox';
 *
 * const isWrite = ({ method }: FaultRequest) => method === 'POST';
 * createSandbox().faults.when((request) => (isWrite(request) ? '503-before-applying' : undefined));
 * ```
 */
export interface FaultRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly path: string;
  /** The id in the path, percent-decoded once. */
  readonly ticketId: string | undefined;
  /** `key-1` for the first API key seen, and so on. */
  readonly key: string | undefined;
  /** 1 for the first request that the sandbox saw, and so on. */
  readonly number: number;
}

/** Narrows down the faults that strike at random. */
export interface FaultRateOptions {
  /** The same requests in the same order meet the same faults. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** The faults to draw from. @defaultValue faultKinds */
  readonly faults?: readonly FaultKind[] | undefined;
}

/** The faults that are switched on. */
export interface FaultState {
  readonly next: readonly { readonly count: number; readonly fault: FaultKind }[];
  /** How many rules of `when` there are. */
  readonly rules: number;
  readonly rate: { readonly share: number; readonly faults: readonly FaultKind[] } | undefined;
}

/**
 * Switches faults on and off. A request meets at most one: the next that is scheduled, else the first that
 * a rule names, else one by chance.
 *
 * @example
 * ```ts
 * import { createSandbox, type Faults } from '@ticket-lifecycle/sandbox';
 *
 * const sandbox = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const faults: Faults = sandbox.faults;
 * faults.next(1, '503-before-applying');
 * const init = { headers: { apikey: 'any' } };
 * console.log((await sandbox.fetch('/tickets/get/TICKET-1', init)).status); // 503
 * console.log((await sandbox.fetch('/tickets/get/TICKET-1', init)).status); // 200
 * ```
 */
export interface Faults {
  /** The next `count` requests meet this fault, after those that were asked for before. */
  readonly next: (count: number, fault: FaultKind) => void;
  /** Asks the rule about each request. Answers a function that takes the rule away again. */
  readonly when: (rule: (request: FaultRequest) => FaultKind | undefined) => () => void;
  /** This share of all requests meets a fault, drawn at random. 0 ends it. */
  readonly rate: (share: number, options?: FaultRateOptions) => void;
  /** Takes away everything that was switched on. */
  readonly clear: () => void;
  readonly state: () => FaultState;
}

/** A fault that was chosen for a request. */
export interface ChosenFault {
  readonly kind: FaultKind;
  /** Says that it could not strike: one that was scheduled waits for the next request. */
  readonly giveBack: () => void;
}

/** The faults as the sandbox itself needs them. */
export interface FaultSchedule extends Faults {
  readonly choose: (request: FaultRequest) => ChosenFault | undefined;
  /** Calls back when what comes next has changed. Answers a function that ends it. */
  readonly watch: (listener: () => void) => () => void;
  /** Uses up one fault of this kind, if it is the next that is scheduled. */
  readonly take: (kind: FaultKind) => boolean;
}

export function createFaultSchedule(): FaultSchedule {
  const queue: { count: number; fault: FaultKind }[] = [];
  const rules = new Set<(request: FaultRequest) => FaultKind | undefined>();
  const listeners = new Set<() => void>();
  let chance: (FaultState['rate'] & { readonly random: () => number }) | undefined;
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const takeNext = (): FaultKind | undefined => {
    const [first] = queue;
    if (first === undefined) return undefined;
    first.count -= 1;
    if (first.count === 0) queue.shift();
    changed();
    return first.fault;
  };
  const giveBack = (fault: FaultKind, from: number) => {
    // Somebody has taken away everything meanwhile.
    if (from !== cleared) return;
    if (queue[0]?.fault === fault) queue[0].count += 1;
    else queue.unshift({ count: 1, fault });
    changed();
  };
  const nothing = () => {};
  let cleared = 0;

  return {
    next(count, fault) {
      if (!Number.isInteger(count) || count < 1) {
        throw invalid('next', 'count', 'an integer of at least 1', count);
      }
      queue.push({ count, fault: checked('next', fault) });
      changed();
    },
    when(rule) {
      if (typeof rule !== 'function') throw invalid('when', 'rule', 'a function', rule);
      // A wrapper, so that the same rule given twice can be taken away once.
      const added = (request: FaultRequest) => rule(request);
      rules.add(added);
      return () => void rules.delete(added);
    },
    rate(share, options = {}) {
      checkOptionNames('faults.rate', options, ['seed', 'faults']);
      const { seed = 1, faults = faultKinds } = options;
      if (!(share >= 0 && share <= 1)) throw invalid('rate', 'share', 'from 0 to 1', share);
      if (!Number.isInteger(seed)) throw invalid('rate', 'seed', 'an integer', seed);
      const drawn = [...faults].map((fault) => checked('rate', fault));
      if (drawn.length === 0) throw invalid('rate', 'faults', 'a list that is not empty', faults);
      chance = share === 0 ? undefined : { share, faults: drawn, random: createRandom(seed) };
    },
    clear() {
      cleared += 1;
      queue.length = 0;
      rules.clear();
      chance = undefined;
      changed();
    },
    state: () => ({
      next: queue.map((entry) => ({ ...entry })),
      rules: rules.size,
      rate: chance && { share: chance.share, faults: chance.faults },
    }),
    choose(request) {
      const next = takeNext();
      const from = cleared;
      if (next !== undefined) return { kind: next, giveBack: () => giveBack(next, from) };
      for (const rule of rules) {
        const fault = rule(request);
        if (fault !== undefined) return { kind: checked('when', fault), giveBack: nothing };
      }
      if (chance === undefined || chance.random() >= chance.share) return undefined;
      const kind = chance.faults[Math.floor(chance.random() * chance.faults.length)];
      return kind && { kind, giveBack: nothing };
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    take: (kind) => queue[0]?.fault === kind && takeNext() !== undefined,
  };
}

function checked(method: string, fault: unknown): FaultKind {
  if (isFaultKind(fault)) return fault;
  throw invalid(method, 'fault', `one of ${faultKinds.join(', ')}`, fault);
}

function invalid(method: string, name: string, expected: string, received: unknown): SandboxError {
  return invalidOption(`faults.${method}: "${name}"`, expected, received);
}
