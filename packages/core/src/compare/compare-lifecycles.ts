import { checkOptionTypes } from '../options.ts';
import { expected, isList, isRecord } from '../values.ts';
import { brokenHistories, type BrokenHistory } from './broken-histories.ts';
import {
  changesBetween,
  type ComparableLifecycle,
  type LifecycleChange,
} from './lifecycle-changes.ts';
import { lostChanges, type LostChange, type WaitingChange } from './lost-changes.ts';

/** What is known besides the two lifecycles. */
export interface CompareOptions {
  /**
   * Histories of tickets, each as its statuses from the oldest on: a log that was kept. A row may
   * also name a state of either lifecycle; where the other one lacks it, its status counts there.
   */
  readonly histories?: Iterable<Iterable<string>> | undefined;
  /**
   * Whether the histories hold every change, so that a change that skips a status was one.
   *
   * @defaultValue false
   */
  readonly complete?: boolean | undefined;
  /** Changes that wait to be sent, as an outbox has them. */
  readonly waiting?: Iterable<WaitingChange> | undefined;
  /** What a migration says so far: for old states the new one. */
  readonly states?: Readonly<Record<string, string>> | undefined;
}

/** What becomes different with a new definition. */
export interface LifecycleComparison {
  /** Whether both do the same: no change of behaviour is listed. */
  readonly isSame: boolean;
  /** In order of definition: the old one, then what is new. */
  readonly changes: readonly LifecycleChange[];
  /** The histories that the new lifecycle would have blocked somewhere. */
  readonly histories: readonly BrokenHistory[];
  /** The waiting changes that the new lifecycle would block, or lead elsewhere. */
  readonly waiting: readonly LostChange[];
  /** The old states for which a migration still needs an entry. None under one fingerprint. */
  readonly missingEntries: readonly MissingEntry[];
}

/** An old state that a migration does not carry over yet. */
export interface MissingEntry {
  readonly state: string;
  /** The new state of the same name and status. Whether it means the same is yours to say. */
  readonly candidate: string | undefined;
}

const optionTypes = { histories: '', complete: 'a boolean', waiting: '', states: 'an object' };

/**
 * Says what changes with a new definition: the states and edges that are gained and lost, what is
 * behaviour and what is only a label, which histories would have been blocked and where, which
 * waiting changes would die, and what a migration still lacks. Pure.
 *
 * Guards are compared by their names and params, payload schemas by whether there is one: what a
 * function does can't be known.
 *
 * @example
 * ```ts
 * import {
 *   compareLifecycles,
 *   defineLifecycle,
 *   ticketLifecycle,
 * } from '@ticket-lifecycle/core';
 *
 * const next = defineLifecycle({
 *   initial: 'open',
 *   states: {
 *     open: { on: { START: 'in-progress' } },
 *     'in-progress': { on: { RESOLVE: 'resolved' } },
 *     resolved: { on: { CLOSE: 'closed' } },
 *     closed: { on: { REOPEN: 'open' } },
 *   },
 * });
 * const { changes, histories } = compareLifecycles(ticketLifecycle, next, {
 *   histories: [['open', 'in-progress', 'resolved', 'open']],
 *   complete: true,
 * });
 * console.log(changes.map(({ kind }) => kind));
 * // [ 'edge-lost' ]
 * console.log(histories[0]?.blocked[0]?.index);
 * // 3
 * ```
 */
export function compareLifecycles(
  before: ComparableLifecycle,
  after: ComparableLifecycle,
  options: CompareOptions = {},
): LifecycleComparison {
  for (const [name, lifecycle] of Object.entries({ before, after })) {
    // A lean one has no edges.
    if (isRecord(lifecycle) && Array.isArray(lifecycle.edges)) continue;
    const what = 'a lifecycle of defineLifecycle';
    throw new TypeError(`compareLifecycles: ${name}: ${expected(what, lifecycle)}`);
  }
  checkOptionTypes('compareLifecycles', options, optionTypes);
  const { histories = [], complete = false, waiting = [], states = {} } = options;
  const given = {
    histories: listOf('histories', histories).map((history, index) =>
      listOf(`histories[${index}]`, history),
    ),
    waiting: listOf('waiting', waiting),
  };
  for (const [index, change] of given.waiting.entries()) {
    if (isWaiting(change)) continue;
    const what = '{ event }, with the name of an event or an event';
    throw new TypeError(`compareLifecycles: waiting[${index}]: ${expected(what, change)}`);
  }
  const changes = changesBetween(before, after);
  return {
    isSame: changes.every(({ effect }) => effect !== 'behaviour'),
    changes,
    histories: brokenHistories(before, after, given.histories, complete),
    waiting: lostChanges(before, after, given.waiting, states),
    missingEntries: missingEntries(before, after, states),
  };
}

function isWaiting(change: unknown): boolean {
  const event = isRecord(change) ? change['event'] : undefined;
  return typeof event === 'string' || (isRecord(event) && typeof event['type'] === 'string');
}

function missingEntries(
  before: ComparableLifecycle,
  after: ComparableLifecycle,
  entries: Readonly<Record<string, string>>,
): MissingEntry[] {
  if (before.fingerprint === after.fingerprint) return [];
  const isCarried = (state: string) =>
    Object.hasOwn(entries, state) && after.states.includes(entries[state] ?? '');
  return before.states
    .filter((state) => !isCarried(state))
    .map((state) => {
      const isKept =
        after.states.includes(state) && after.statusOf(state) === before.statusOf(state);
      return { state, candidate: isKept ? state : undefined };
    });
}

function listOf<Item>(name: string, given: Iterable<Item>): readonly Item[] {
  if (isList(given)) return [...given];
  throw new TypeError(`compareLifecycles: ${name}: ${expected('a list', given)}`);
}
