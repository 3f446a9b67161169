import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest';
import {
  createMemoryStatusStore,
  createSeriesClient,
  createTicketWorkflow,
  type ChangeEntry,
  type KnownState,
  type SeriesClientOptions,
  type StatusStore,
  type StoredTicket,
} from '../../src/index.ts';
import {
  createPostgresStatusStore,
  type PostgresStatusStore,
} from '../../src/stores/postgres-status-store.ts';
import {
  createSqliteStatusStore,
  type SqliteStatusStore,
  type StoreOptions,
} from '../../src/stores/sqlite-status-store.ts';

const by = { staffUserId: 7 };
const cure = 'give each key a store of its own';

/** Opens stores of one database: one for each table, or the same table again. */
const databases: Readonly<Record<string, () => (options?: StoreOptions) => StatusStore>> = {
  SQLite: () => {
    const db = new DatabaseSync(':memory:');
    return (options) => createSqliteStatusStore(db, options);
  },
  // The outbox package tries it with a database.
  Postgres: () => {
    const query = async () => [];
    return (options) => createPostgresStatusStore(query, options);
  },
};

/** Stores that keep what they are given in one place. */
const shared: Readonly<Record<string, () => readonly [StatusStore, StatusStore]>> = {
  'one in memory': () => {
    const store = createMemoryStatusStore();
    return [store, store];
  },
  'one of your own': () => {
    const { get, set, delete: remove } = createMemoryStatusStore();
    const store = { get, set, delete: remove };
    return [store, store];
  },
  ...Object.fromEntries(
    Object.entries(databases).flatMap(([name, open]) => [
      [
        `one on ${name}`,
        () => {
          const store = open()();
          return [store, store] as const;
        },
      ],
      [
        `two on one table of ${name}`,
        () => {
          const again = open();
          return [again({ table: 'tickets' }), again({ table: 'tickets' })] as const;
        },
      ],
    ]),
  ),
};

function workspace(store: StatusStore, options: Partial<SeriesClientOptions>) {
  const sandbox = createSandbox({ tickets: [{ ticketId: 'T-1' }] });
  const client = createSeriesClient({ apiKey: 'key', fetch: sandbox.fetch, ...options });
  const entries: ChangeEntry[] = [];
  const onChange = (entry: ChangeEntry) => void entries.push(entry);
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, store, onChange });
  onTestFinished(() => workflow.close());
  return { workflow, sandbox, entries };
}

test.each(Object.entries(shared))('of two keys, %s is refused to the second', (_, open) => {
  const [one, other] = open();
  workspace(one, {});
  workspace(one, { keyId: 'north' });
  for (const store of [one, other]) {
    const refused = () => workspace(store, { keyId: 'south' });
    expect(refused).toThrow('It serves the key "north", and this client has "south".');
    expect(refused).toThrow(cure);
  }
  // The first one goes on.
  workspace(one, { keyId: 'north' });
});

describe.each(Object.entries(shared))('one key may have %s for all its clients', (_, open) => {
  test.each<[string, Partial<SeriesClientOptions>, Partial<SeriesClientOptions>]>([
    ['with a name', { keyId: 'north' }, { keyId: 'north' }],
    ['with a name, after the key was replaced', { keyId: 'n', apiKey: 'a' }, { keyId: 'n' }],
    ['without a name, which is not told apart', {}, { apiKey: 'replaced' }],
    ['from functions', { apiKey: () => 'key' }, { apiKey: () => 'key' }],
    ['with a name after none', {}, { keyId: 'north' }],
  ])('%s', (_how, first, second) => {
    const [one, other] = open();
    workspace(one, first);
    expect(() => workspace(other, second)).not.toThrow();
  });
});

describe.each<[string, () => readonly [StatusStore, StatusStore]]>([
  ['two stores in memory', () => [createMemoryStatusStore(), createMemoryStatusStore()]],
  [
    'two tables of one database',
    () => {
      const open = databases['SQLite']?.();
      if (open === undefined) throw new Error('there is one');
      return [open({ table: 'north' }), open({ table: 'south' })];
    },
  ],
])('with %s', (_, open) => {
  test('the tickets of two keys are kept apart, whatever their ids', async () => {
    const [one, other] = open();
    const north = workspace(one, { keyId: 'north' });
    const south = workspace(other, { keyId: 'south' });
    expect((await north.workflow.apply('T-1', 'START', by)).kind).toBe('confirmed');
    expect((await south.workflow.apply('T-1', 'RESOLVE', by)).kind).toBe('blocked');
    expect((await north.workflow.where('T-1')).state).toBe('in-progress');
    expect((await south.workflow.where('T-1')).state).toBe('open');
    expect(south.sandbox.tickets.get('T-1')?.status).toBe('open');
  });
});

test('a store on SQLite is used without waiting, one on Postgres is awaited', () => {
  expectTypeOf<ReturnType<SqliteStatusStore['list']>>().toEqualTypeOf<readonly StoredTicket[]>();
  expectTypeOf<ReturnType<SqliteStatusStore['get']>>().toEqualTypeOf<KnownState | undefined>();
  expectTypeOf<ReturnType<SqliteStatusStore['set']>>().toBeVoid();
  expectTypeOf<ReturnType<PostgresStatusStore['list']>>().toEqualTypeOf<
    Promise<readonly StoredTicket[]>
  >();
  const store = createSqliteStatusStore(new DatabaseSync(':memory:'));
  store.set('T-1', { state: 'open', seenAt: 1 });
  const listed: string[] = [];
  for (const { ticketId } of store.list(['open'])) listed.push(ticketId);
  expect(listed).toEqual(['T-1']);
});
