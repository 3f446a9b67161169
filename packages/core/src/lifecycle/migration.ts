import {
  blocker,
  quote,
  unknownState,
  type BlockerOf,
  type BlockerParameters,
} from '../blockers.ts';
import { createFaultList } from '../definition/fault-list.ts';
import { faultSentences } from '../definition/fault-sentences.ts';
import type { LeanLifecycle } from './build-lifecycle.ts';
import { isRecord, mismatch } from '../values.ts';
import { ticketLifecycle } from './ticket-lifecycle.ts';
import type { TicketStatus } from '../ticket-status.ts';
import { nameHelp } from '../nearest-name.ts';

/** What a lifecycle was, as far as it has to be stored: a lifecycle is one itself. */
export interface StoredLifecycle {
  readonly fingerprint: string;
  readonly states: readonly string[];
}

/** What is stored of a ticket. */
export interface StoredState {
  readonly state: string;
  /** Of the lifecycle in which that state has its meaning. */
  readonly fingerprint: string;
}

/** How stored states get from an older definition to a newer one. */
export interface MigrationOptions {
  /**
   * The older definition. Of a fingerprint alone its states are not known: then the keys of
   * `states` are taken for all of them.
   */
  readonly from: string | StoredLifecycle;
  /**
   * The newer definition.
   *
   * @defaultValue the default lifecycle
   */
  readonly to?: Pick<LeanLifecycle, 'fingerprint' | 'states' | 'statusOf'> | undefined;
  /** For each old state, the new one. */
  readonly states: Readonly<Record<string, string>>;
}

/** Why a stored state can't be migrated. */
export type MigrationBlocker =
  | BlockerOf<'unknown-state', BlockerParameters['unknown-state']>
  | BlockerOf<'other-definition', { readonly fingerprint: unknown; readonly from: string }>;

/** What became of a stored state. */
export type Migrated =
  | {
      readonly kind: 'migrated';
      readonly state: string;
      readonly fingerprint: string;
      /** The API status that the new state stands for: what a ticket is expected to have there. */
      readonly status: TicketStatus | undefined;
    }
  /** It is of the newer definition already. */
  | { readonly kind: 'current'; readonly state: string; readonly fingerprint: string }
  /** It is of another definition, or a state that this migration does not know. */
  | { readonly kind: 'refused'; readonly blockers: readonly MigrationBlocker[] };

/** A checked migration. */
export interface Migration {
  /** Fingerprint of the older definition. */
  readonly from: string;
  /** Fingerprint of the newer definition. */
  readonly to: string;
  /** For each old state, the new one. */
  readonly states: Readonly<Record<string, string>>;
  migrate(stored: StoredState): Migrated;
}

/**
 * Says for each state of an older definition what it is in a newer one. Nothing is guessed: a
 * state is never carried over because its name happens to stay.
 *
 * @throws LifecycleDefinitionError unless every old state is mapped to a state that exists
 *
 * @example
 * ```ts
 * import { defineMigration, ticketLifecycle } from '@ticket-lifecycle/core';
 *
 * const migration = defineMigration({
 *   from: { fingerprint: '2f9b1c04d7a65e38', states: ['new', 'doing', 'done'] },
 *   to: ticketLifecycle,
 *   states: { new: 'open', doing: 'in-progress', done: 'closed' },
 * });
 * const migrated = migration.migrate({ state: 'doing', fingerprint: '2f9b1c04d7a65e38' });
 * if (migrated.kind === 'migrated') console.log(migrated.state); // in-progress
 * ```
 */
export function defineMigration(options: MigrationOptions): Migration {
  const faults = createFaultList(faultSentences);
  const given: { readonly [Name in keyof MigrationOptions]?: unknown } = isRecord(options)
    ? options
    : {};
  if (!isRecord(options)) faults.report('options', 'wrong-type', mismatch('an object', options));
  for (const option of Object.keys(given)) {
    if (optionNames.includes(option)) continue;
    faults.report(option, 'unknown-option', { option, options: optionNames });
  }
  const { from, to = ticketLifecycle, states: mapping } = given;
  const pairs = Object.entries(isRecord(mapping) ? mapping : {});
  if (!isRecord(mapping)) faults.report('states', 'wrong-type', mismatch('an object', mapping));
  const old = isRecord(from) ? storedOf(from) : { fingerprint: from, states: undefined };
  const { fingerprint } = old;
  if (typeof fingerprint !== 'string' || fingerprint === '') {
    faults.report('from', 'wrong-type', mismatch('a fingerprint', fingerprint));
  }
  if (isRecord(from) && old.states === undefined) {
    faults.report('from.states', 'wrong-type', mismatch('a list of states', from['states']));
  }
  const now = isLifecycle(to) ? to : undefined;
  if (now === undefined) faults.report('to', 'wrong-type', mismatch('a lifecycle', to));
  for (const state of old.states ?? []) {
    if (pairs.some(([mapped]) => mapped === state)) continue;
    faults.report(`states.${state}`, 'unmapped-state', { state });
  }
  for (const [state, target] of pairs) {
    if (old.states?.includes(state) === false) {
      const facts = { when: 'Before', state, states: old.states };
      faults.report(`states.${state}`, 'unknown-state', facts);
    }
    if (now?.states.includes(target as string) === false) {
      const facts = { when: 'Now', state: target, states: now.states };
      faults.report(`states.${state}`, 'unknown-state', facts);
    }
  }
  if (!faults.isEmpty() || now === undefined) throw faults.toError('This is not a migration');
  return migrationBetween(String(fingerprint), now, pairs as [string, string][]);
}

const optionNames = ['from', 'to', 'states'];

type Target = Pick<LeanLifecycle, 'fingerprint' | 'states' | 'statusOf'>;

const isLifecycle = (value: unknown): value is Target =>
  isRecord(value) &&
  typeof value['fingerprint'] === 'string' &&
  Array.isArray(value['states']) &&
  typeof value['statusOf'] === 'function';

const storedOf = ({ fingerprint, states }: Readonly<Record<string, unknown>>) => ({
  fingerprint,
  states: Array.isArray(states) ? states.map(String) : undefined,
});

/** Migrates by what is known now: what the caller changes afterwards does not count. */
function migrationBetween(
  from: string,
  { fingerprint: to, states, statusOf }: Target,
  pairs: readonly (readonly [string, string])[],
): Migration {
  const known = Object.freeze([...states]);
  const newStates = new Map(pairs.map(([old, state]) => [old, [state, statusOf(state)] as const]));
  return Object.freeze<Migration>({
    from,
    to,
    states: Object.freeze(Object.fromEntries(pairs)),
    migrate(stored) {
      // It comes from outside, and may be nothing at all.
      const { state, fingerprint } = Object(stored) as StoredState;
      if (fingerprint === to) {
        return known.includes(state)
          ? { kind: 'current', state, fingerprint }
          : { kind: 'refused', blockers: [unknownState(state, known, nameHelp)] };
      }
      const next = newStates.get(state);
      if (next === undefined || fingerprint !== from) {
        const blockers = [
          ...(fingerprint === from ? [] : [otherDefinition(fingerprint, from)]),
          ...(next === undefined ? [unknownState(state, [...newStates.keys()], nameHelp)] : []),
        ];
        return { kind: 'refused', blockers };
      }
      const [now, status] = next;
      return { kind: 'migrated', state: now, fingerprint: to, status };
    },
  });
}

const otherDefinition = (fingerprint: string, from: string): MigrationBlocker =>
  blocker(
    'other-definition',
    `This was stored under ${quote(fingerprint)}, and the migration is from ${quote(from)}.`,
    { fingerprint, from },
  );
