import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMemoryStatusStore, type KnownState, type StatusStore } from '../../src/index.ts';
import type { AuditLog } from '../../src/stores/audit-log.ts';
import { createSqliteStatusStore } from '../../src/stores/sqlite-status-store.ts';
import { auditLogCases, statusStoreCases } from '../../src/stores/store-cases.ts';

const stores: Readonly<Record<string, () => StatusStore>> = {
  'in memory': () => createMemoryStatusStore(),
  'on SQLite': () => createSqliteStatusStore(new DatabaseSync(':memory:')),
  'on SQLite with big numbers': () =>
    createSqliteStatusStore(new DatabaseSync(':memory:', { readBigInts: true })),
};

describe.each(Object.entries(stores))('the store %s', (_, open) => {
  test.each(statusStoreCases.map(({ title, run }) => [title, run] as const))(
    '%s',
    async (_title, run) => expect(run(open())).resolves.toBeUndefined(),
  );
});

test.each(auditLogCases.map(({ title, run }) => [title, run] as const))(
  'the audit log on SQLite: %s',
  async (_, run) =>
    expect(run(createSqliteStatusStore(new DatabaseSync(':memory:')))).resolves.toBeUndefined(),
);

describe('the cases notice an audit log', () => {
  const open = () => createSqliteStatusStore(new DatabaseSync(':memory:'));
  const broken: Readonly<Record<string, (good: AuditLog) => Partial<AuditLog>>> = {
    'that keeps an entry twice': ({ record }) => ({
      record: (entry) => record({ ...entry, id: crypto.randomUUID() }),
    }),
    'that sorts by time': ({ history }) => ({
      history: async (...asked) =>
        (await history(...asked)).toSorted((a, b) => a.at.localeCompare(b.at)),
    }),
    'that takes no account of case': ({ record, history }) => ({
      record: (entry) => record({ ...entry, ticketId: entry.ticketId.toLowerCase() }),
      history: (id, ...asked) => history(id.toLowerCase(), ...asked),
    }),
    'that gives the first entries for the latest': ({ history }) => ({
      history: async (id, { limit, ...asked } = {}) =>
        (await history(id, asked)).slice(0, limit ?? 100),
    }),
    'that forgets what was carried': ({ record }) => ({
      record: ({ asked: { from, event }, ...entry }) =>
        record({ ...entry, asked: { from, event } }),
    }),
  };

  test.each(Object.entries(broken))('%s', async (_, damage) => {
    const runs = await Promise.allSettled(
      auditLogCases.map(async ({ run }) => {
        const good = open();
        return run({ ...good, ...damage(good) });
      }),
    );
    expect(runs.some(({ status }) => status === 'rejected')).toBe(true);
  });
});

test('a history is asked for with options that exist', () => {
  const { history } = createSqliteStatusStore(new DatabaseSync(':memory:'));
  expect(() => history('T-1', { limti: 1 } as never)).toThrow('unknown option "limti"');
  for (const limit of [0, -1, 0.5, '1']) {
    expect(() => history('T-1', { limit } as never)).toThrow('option "limit" must be');
  }
});

describe('the cases notice a store', () => {
  const broken: Readonly<Record<string, (good: StatusStore) => Partial<StatusStore>>> = {
    'that loses a field': (good) => ({
      set: (id, known) => good.set(id, { ...known, enteredAt: undefined }),
    }),
    'that mixes what it had with what it gets': (good) => ({
      set: async (id, known) => good.set(id, { ...(await good.get(id)), ...known }),
    }),
    'that takes no account of case': (good) => ({
      get: (id) => good.get(id.toLowerCase()),
      set: (id, known) => good.set(id.toLowerCase(), known),
    }),
    'that counts in seconds': (good) => ({
      set: (id, known) =>
        good.set(id, { ...known, seenAt: Math.floor(known.seenAt / 1000) * 1000 }),
    }),
    'that deletes nothing': () => ({ delete: () => {} }),
    'that cuts ids to 20 characters': (good) => withIds(good, (id) => id.slice(0, 20)),
    'that cuts ids to 255 characters': (good) => withIds(good, (id) => id.slice(0, 255)),
    'that takes ids for numbers': (good) =>
      withIds(good, (id) => (Number.isNaN(Number(id)) ? id : String(Number(id)))),
    'that is a plain object': () => {
      const plain: Record<string, KnownState> = {};
      return {
        get: (id) => plain[id],
        set(id, known) {
          plain[id] = known;
        },
        delete: (id) => void delete plain[id],
        list: undefined as never,
      };
    },
    'that says it keeps what a change goes to, and drops it': (good) => ({
      set: (id, known) => good.set(id, { ...known, goingTo: undefined }),
    }),
    'that does not list by what a change goes to': (good) => ({
      list: async (states) =>
        ((await good.list?.(states)) ?? []).filter(({ state }) => states.includes(state)),
    }),
    'that lists all': (good) => ({ list: () => good.list?.(['open', 'closed', whole]) ?? [] }),
  };
  const whole = 'waiting-on-customer';
  const withIds = (good: StatusStore, idOf: (id: string) => string): Partial<StatusStore> => ({
    get: (id) => good.get(idOf(id)),
    set: (id, known) => good.set(idOf(id), known),
    delete: (id) => good.delete(idOf(id)),
  });

  test.each(Object.entries(broken))('%s', async (_, damage) => {
    const runs = await Promise.allSettled(
      statusStoreCases.map(async ({ run }) => {
        const good = createMemoryStatusStore();
        return run({ ...good, ...damage(good) });
      }),
    );
    expect(runs.some(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('the table on SQLite', () => {
  function file(): string {
    const folder = mkdtempSync(join(tmpdir(), 'series-store-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return join(folder, 'tickets.db');
  }

  test('is strict, and outlives the process that made it', () => {
    const path = file();
    const first = new DatabaseSync(path);
    createSqliteStatusStore(first).set('T-1', { state: 'open', seenAt: 5 });
    const sql = first.prepare("SELECT sql FROM sqlite_master WHERE name = 'ticket_status'").get();
    expect(sql?.['sql']).toMatch(/STRICT/);
    first.close();
    const second = new DatabaseSync(path);
    expect(createSqliteStatusStore(second).get('T-1')).toEqual({ state: 'open', seenAt: 5 });
    second.close();
  });

  test('is made inside a transaction of the caller, and goes with it', () => {
    const db = new DatabaseSync(':memory:');
    db.exec('BEGIN');
    createSqliteStatusStore(db);
    db.exec('ROLLBACK');
    expect(db.prepare('SELECT name FROM sqlite_master').all()).toEqual([]);
  });

  test('may have another name, one that needs no quotes', () => {
    const db = new DatabaseSync(':memory:');
    createSqliteStatusStore(db, { table: 'seen' }).set('T-1', { state: 'open', seenAt: 1 });
    createSqliteStatusStore(db).set('T-1', { state: 'closed', seenAt: 2 });
    expect(db.prepare('SELECT state FROM seen').get()?.['state']).toBe('open');
    for (const table of ['', 'a b', 'a; DROP TABLE b', 'Seen', 'x'.repeat(51)]) {
      expect(() => createSqliteStatusStore(db, { table })).toThrow('option "table" must be');
    }
    expect(() => createSqliteStatusStore(db, { tabel: 'x' } as never)).toThrow('unknown option');
  });

  test('is opened while another process writes, and made after it', async () => {
    const path = file();
    const [db, other] = [new DatabaseSync(path), new DatabaseSync(path)];
    db.exec('BEGIN IMMEDIATE');
    expect(() => createSqliteStatusStore(other)).toThrow('locked');
    createSqliteStatusStore(db).set('T-1', { state: 'open', seenAt: 5 });
    db.exec('COMMIT; BEGIN IMMEDIATE');
    expect(createSqliteStatusStore(other).get('T-1')).toEqual({ state: 'open', seenAt: 5 });
    for (const each of [db, other]) each.close();
  });

  test('of a newer version is left alone, and the error says what to do', () => {
    const db = new DatabaseSync(':memory:');
    createSqliteStatusStore(db);
    db.exec('UPDATE ticket_status_version SET version = 2');
    expect(() => createSqliteStatusStore(db)).toThrow(
      'The table ticket_status has version 2, and this package knows 1. Install the newer version',
    );
    // Nothing is left open that would keep others out.
    db.exec('BEGIN; COMMIT');
  });
});
