import { deepStrictEqual as equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { KnownState, StatusStore } from '../tickets/status-store.ts';
import type { ChangeEntry } from '../workflow/outcome.ts';
import type { AuditLog } from './audit-log.ts';

export { type AuditLog, type HistoryOptions } from './audit-log.ts';

/** One thing that every store has to do. */
export interface StoreCase {
  readonly title: string;
  /** Rejects where the store does not do it. */
  readonly run: (store: StatusStore) => Promise<void>;
}

const at = 1_760_000_000_000;
const whole: KnownState = {
  state: 'waiting-on-customer',
  status: 'in-progress',
  seenAt: at + 5,
  enteredAt: at,
  assumed: true,
  fingerprint: '0123456789abcdef',
};
const bare: KnownState = { state: 'open', seenAt: at };

const hostile = [
  'T-1',
  't-1',
  'T-1 '.trimEnd() + '\u00e9',
  'T-1e\u0301',
  "T'; DROP TABLE ticket_status; --",
  '__proto__',
  'constructor',
  '%_',
  'ä'.repeat(256),
  '\u{1f3ab}',
  // Alike up to their last letter, or as numbers.
  ...['1', '2'].flatMap((end) => [21, 22, 63, 255].map((length) => 'x'.repeat(length) + end)),
  '7',
  '007',
  '7.0',
  '0x7',
  '7e0',
];

/**
 * What every store has to do, as cases for the test runner of your choice. Each wants an empty
 * store.
 *
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { createMemoryStatusStore } from '@ticket-lifecycle/series';
 * import { statusStoreCases } from '@ticket-lifecycle/series/testing';
 *
 * for (const { title, run } of statusStoreCases) {
 *   test(title, () => run(createMemoryStatusStore())); // your own store here
 * }
 * ```
 */
export const statusStoreCases: readonly StoreCase[] = [
  {
    title: 'a ticket that was never set is not known',
    async run(store) {
      // Also where every object has something of that name.
      for (const id of ['T-1', 'constructor', '__proto__', 'toString', 'hasOwnProperty']) {
        ok(((await store.get(id)) ?? undefined) === undefined);
      }
    },
  },
  {
    title: 'what was set comes back, field by field',
    async run(store) {
      await store.set('T-1', whole);
      equal(await found(store, 'T-1'), whole);
    },
  },
  {
    title: 'a field that was not given does not come back',
    async run(store) {
      await store.set('T-1', bare);
      equal(await found(store, 'T-1'), bare);
    },
  },
  {
    title: 'a later state replaces the whole of an earlier one',
    async run(store) {
      await store.set('T-1', whole);
      await store.set('T-1', bare);
      equal(await found(store, 'T-1'), bare);
    },
  },
  {
    title: 'a ticket that was deleted is not known, and deleting it again is no error',
    async run(store) {
      await store.set('T-1', whole);
      await store.delete('T-1');
      await store.delete('T-1');
      ok(((await store.get('T-1')) ?? undefined) === undefined);
    },
  },
  {
    title: 'tickets are kept apart, whatever their ids are made of',
    async run(store) {
      for (const [index, id] of hostile.entries()) await store.set(id, stateAt(index));
      for (const [index, id] of hostile.entries()) equal(await found(store, id), stateAt(index));
      await store.delete(hostile[0] ?? '');
      equal(await found(store, hostile[1] ?? ''), stateAt(1));
    },
  },
  {
    title: 'a state may have any name',
    async run(store) {
      for (const state of hostile) {
        await store.set('T-1', { ...whole, state });
        equal((await found(store, 'T-1'))?.state, state);
      }
    },
  },
  {
    title: 'times are kept to the millisecond',
    async run(store) {
      for (const seenAt of [0, 1, 2 ** 31, at + 1, Number.MAX_SAFE_INTEGER]) {
        await store.set('T-1', { ...whole, seenAt, enteredAt: seenAt });
        equal(await found(store, 'T-1'), { ...whole, seenAt, enteredAt: seenAt });
      }
    },
  },
  {
    title: 'of many states at once one is kept whole',
    async run(store) {
      const states = Array.from({ length: 20 }, (_, index) => stateAt(index));
      await Promise.all(states.map(async (known) => store.set('T-1', known)));
      const kept = await found(store, 'T-1');
      ok(states.some((known) => known.seenAt === kept?.seenAt));
      equal(kept, stateAt((kept?.seenAt ?? 0) - at));
    },
  },
  {
    title: 'list, where there is one, gives the tickets of the states that are asked for',
    async run(store) {
      if (store.list === undefined) return;
      equal(await store.list(['open']), []);
      await store.set('T-1', whole);
      await store.set('T-2', bare);
      await store.set('T-3', { ...whole, state: 'closed' });
      const listed = await store.list(['waiting-on-customer', 'open', 'none']);
      const inOrder = listed.toSorted((a, b) => (a.ticketId < b.ticketId ? -1 : 1));
      equal(
        inOrder.map((ticket) => ({ ...ticket })),
        [
          { ticketId: 'T-1', ...whole },
          { ticketId: 'T-2', ...bare },
        ],
      );
      equal(await store.list([]), []);
    },
  },
  {
    title:
      'a change that may be under way is kept and listed, where the store says that it keeps it',
    async run(store) {
      if (store.keepsGoingTo !== true) return;
      const going: KnownState = { ...whole, goingTo: 'resolved' };
      await store.set('T-1', going);
      equal(await found(store, 'T-1'), going);
      for (const states of [['waiting-on-customer'], ['resolved'], ['resolved', going.state]]) {
        const listed = (await store.list?.(states)) ?? [{ ticketId: 'T-1', ...going }];
        equal(
          listed.map((ticket) => ({ ...ticket })),
          [{ ticketId: 'T-1', ...going }],
        );
      }
      await store.set('T-1', whole);
      equal(await found(store, 'T-1'), whole);
      ok(((await store.list?.(['resolved'])) ?? []).length === 0);
    },
  },
];

const stateAt = (index: number): KnownState => ({
  state: `state-${index}`,
  status: 'open',
  seenAt: at + index,
  enteredAt: at - index,
  fingerprint: String(index),
});

/** What is stored, as a plain object without fields that are undefined. */
async function found(store: StatusStore, ticketId: string): Promise<KnownState | undefined> {
  const known = await store.get(ticketId);
  if (known === undefined || known === null) return undefined;
  const fields = Object.entries(known).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as unknown as KnownState;
}

/** One thing that every audit log has to do. */
export interface AuditLogCase {
  readonly title: string;
  /** Rejects where the log does not do it. */
  readonly run: (log: AuditLog) => Promise<void>;
}

/** What every audit log has to do, as cases for the test runner of your choice. */
export const auditLogCases: readonly AuditLogCase[] = [
  {
    title: 'a ticket to which nothing happened has no history',
    async run({ history }) {
      equal([...(await history('T-1'))], []);
    },
  },
  {
    title: 'what was recorded comes back, field by field, the oldest first',
    async run({ record, history }) {
      const entries = [entryAt(0, 'T-1'), refusalAt(1, 'T-1'), entryAt(2, 'T-1')];
      for (const entry of entries) await record(entry);
      equal([...(await history('T-1'))], entries);
    },
  },
  {
    title: 'an entry that comes again is kept once, in its first place',
    async run({ record, history }) {
      for (const index of [0, 1, 0, 1, 0]) await record(entryAt(index, 'T-1'));
      equal(idsOf(await history('T-1')), ['0', '1']);
    },
  },
  {
    title: 'entries stay in the order in which they came, whatever their times say',
    async run({ record, history }) {
      for (const index of [3, 1, 2]) await record(entryAt(index, 'T-1'));
      equal(idsOf(await history('T-1')), ['3', '1', '2']);
    },
  },
  {
    title: 'histories are kept apart, whatever the ids are made of',
    async run({ record, history }) {
      // Longer than an index may hold, and with little to compress.
      const long = randomBytes(9000).toString('base64');
      const ids = [...hostile, 'T-\0', 'T-\ufffd', 'T-\ud800', '(string)', `${long}1`, `${long}2`];
      for (const [index, id] of ids.entries()) await record(entryAt(index, id));
      for (const [index, id] of ids.entries()) equal(idsOf(await history(id)), [String(index)]);
    },
  },
  {
    title: 'limit gives the latest entries, and before those of the page before',
    async run({ record, history }) {
      for (let index = 0; index < 5; index += 1) {
        await record(entryAt(index, 'T-1'));
        await record({ ...entryAt(index, 'T-2'), id: `other ${index}` });
      }
      equal(idsOf(await history('T-1', { limit: 2 })), ['3', '4']);
      equal(idsOf(await history('T-1', { limit: 2, before: '3' })), ['1', '2']);
      equal(idsOf(await history('T-1', { before: '0' })), []);
      for (const before of ['none', '', '\0', "'; \ud800"]) {
        equal(idsOf(await history('T-1', { before })), []);
      }
    },
  },
];

const idsOf = (entries: readonly ChangeEntry[]) => entries.map(({ id }) => id);

const entryAt = (index: number, ticketId: string): ChangeEntry => ({
  id: String(index),
  kind: 'confirmed',
  ticketId,
  at: new Date(at + index).toISOString(),
  by: 7,
  asked: { from: 'open', event: 'START', payload: { text: "'; \0 \ud800 \u{1f3ab}", n: 1 } },
  decided: { allowed: true, to: 'in-progress', status: 'in-progress', changesStatus: true },
  fingerprint: '0123456789abcdef',
});

const refusalAt = (index: number, ticketId: string): ChangeEntry => ({
  ...entryAt(index, ticketId),
  kind: 'blocked',
  by: 'night job',
  decided: {
    allowed: false,
    blockers: [{ code: 'guard', message: 'Only a lead.', parameters: { guard: 'isLead' } }],
  },
});
