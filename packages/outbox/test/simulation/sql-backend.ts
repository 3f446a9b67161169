import { PGlite } from '@electric-sql/pglite';
import type { Database, Session } from '../../src/sql/database.ts';
import { queryableOf } from '../../src/sql/database.ts';
import { install } from '../../src/sql/install.ts';
import { createSqlStore } from '../../src/sql/sql-store.ts';
import { emptyTables } from '../support/empty-tables.ts';
import type { OpenBackend } from './backend.ts';
import type { StoreCall } from './schedule.ts';
import { VirtualTime, type Place } from './virtual-time.ts';
import { createStoreNetwork, type StoreNetwork, type World } from './world.ts';

/*
 * The store on PGlite: all of its SQL. PGlite has one session, so the sessions of the workers are
 * played: their locks lie in a table, and a notification reaches each that listens after a while.
 * Each call of a worker is one statement under the dispatch lock, so no order of two calls is lost.
 */

const schema = 'ticket_outbox';
const channel = `${schema}_wake`;

/** A bug for the SQL: in the text of a function, one piece is put in the place of another. */
export interface SqlBug {
  readonly name: string;
  readonly piece: string;
  readonly instead: string;
}

/** A PGlite that serves one simulation after another. */
export interface SimulatedPostgres {
  readonly open: OpenBackend;
  /** The same with a bug, for as long as the simulation lasts. */
  broken(bug: SqlBug): OpenBackend;
  close(): Promise<void>;
}

/** A session as the database knows it. */
interface OpenSession {
  readonly place: Place;
  readonly worker: number;
  isListening: boolean;
  isEnded: boolean;
  onNotification: () => void;
  onEnd: () => void;
}

const calls: Readonly<Record<string, StoreCall>> = {
  enter: 'enter',
  claim: 'claim',
  end_claims: 'end',
  renew: 'renew',
  take_slots: 'takeSlots',
  sweep: 'sweep',
};

const callOf = (text: string) => calls[/outbox_(\w+)\(/.exec(text)?.[1] ?? ''];

const half = () => 0.5;
const startPlace: Place = {
  name: 'start',
  random: half,
  isDatabase: true,
  isDead: false,
  asleepUntil: 0,
  aheadMs: 0,
};

export async function openSimulatedPostgres(): Promise<SimulatedPostgres> {
  // By their clock it starts before all simulations: what the sweep asks.
  const pglite = await new VirtualTime(half).at(startPlace, () => PGlite.create());
  const query = async <Row>(text: string, values: readonly unknown[] = []) =>
    (await pglite.query<Row>(text, [...values])).rows;
  const direct: Database = {
    query,
    transaction: (work) =>
      pglite.transaction((tx) =>
        work(queryableOf({ query: (text, values) => tx.query(text, values) })),
      ),
    session: undefined,
  };
  await install(direct, schema);
  // The locks of sessions that are played. The rest of the SQL is as it is.
  await pglite.exec(`
    create table public.held (lock bigint primary key);
    create or replace function ${schema}.outbox_is_unlocked(lock bigint) returns boolean
    language sql volatile as $$ select not exists (select from public.held h where h.lock = $1) $$`);
  let notify = () => {};
  await pglite.listen(channel, () => notify());

  async function empty(): Promise<void> {
    await pglite.exec(`
      ${emptyTables(schema)}, ${schema}.outbox_key_turn, ${schema}.outbox_era, public.held;
      select setval('${schema}.outbox_era_number', 1);
      insert into ${schema}.outbox_era values (1, 0, 1, 0, 0, ${schema}.outbox_clock());
      insert into ${schema}.outbox_key_turn (era, key) values (1, '');
      alter sequence ${schema}.outbox_token restart;
      alter sequence ${schema}.outbox_position restart`);
  }

  const open: OpenBackend = async (world, settings) => {
    const { time, database } = world;
    const atDatabase = <Result>(work: () => Promise<Result>) =>
      time.at(database, () => time.hold(work()));
    await atDatabase(empty);
    const { sessionOf, tell, ...connections } = createConnections(world, query);
    notify = tell;
    const network = createStoreNetwork(world);

    async function run<Row>(text: string, values: readonly unknown[], worker: number) {
      const [input] = values as readonly string[];
      const isEnd = callOf(text) === 'end' && input !== undefined;
      const ends = isEnd ? (JSON.parse(input) as { ends: { id: string }[] }).ends : [];
      const isForgotten =
        ends.length > 0 && world.strike(['end-forgotten'], (fault) => fault.worker === worker);
      if (!isForgotten) return query<Row>(text, values);
      return [{ result: JSON.stringify({ stands: ends.map(({ id }) => id), busy: [] }) } as Row];
    }

    const store = createStore({ ...direct, query: (...args) => atDatabase(() => query(...args)) });
    function createStore(over: Database) {
      return createSqlStore({
        database: over,
        schema,
        settings,
        keepEndedMs: 3_600_000,
        session: over.session,
        onError: () => {},
        onClose: async () => {},
      });
    }

    return {
      ...connections,
      open: (place, worker) =>
        createStore({
          query: (text, values = []) =>
            network.call(place, { worker, call: callOf(text) }, () => run(text, values, worker)),
          transaction: () => Promise.reject(new Error('A worker needs no transaction.')),
          session: sessionOf(place, worker, network),
        }),
      accept: (changes, isRolledBack) =>
        atDatabase(() =>
          pglite
            .transaction(async (tx) => {
              await store.accept(changes, { query: (text, values) => tx.query(text, values) });
              if (isRolledBack) await tx.rollback();
            })
            .then(() => {}),
        ),
      byHand: store,
      inspect: store.inspect,
      async kinds() {
        const rows = await query<{ id: string; kind: string | null; held: string | null }>(
          `select c.id, c.kind, l.kind as held from ${schema}.outbox_change c
          left join ${schema}.outbox_lane l on l.head = c.id`,
        );
        return new Map(rows.map(({ id, kind, held }) => [id, kind ?? held ?? 'waiting']));
      },
      async close() {
        notify = () => {};
      },
    };
  };

  return {
    open,
    broken: (bug) => async (world, settings) => {
      const [found] = await query<{ text: string }>(
        `select pg_get_functiondef(p.oid) as text from pg_proc p
        where p.proname = $1 and p.pronamespace = '${schema}'::regnamespace`,
        [bug.name],
      );
      const text = found?.text ?? '';
      if (!text.includes(bug.piece)) throw new Error(`${bug.name} does not hold: ${bug.piece}`);
      await pglite.exec(text.replace(bug.piece, () => bug.instead));
      const backend = await open(world, settings);
      return {
        ...backend,
        async close() {
          await backend.close();
          await pglite.exec(text);
        },
      };
    },
    close: () => pglite.close(),
  };
}

type Query = (text: string, values?: readonly unknown[]) => Promise<unknown[]>;

/** The sessions of the workers, as the database and its network play them. */
function createConnections(world: World, query: Query) {
  const { time, database, arriveAt } = world;
  const sessions = new Set<OpenSession>();
  const locks = new WeakMap<OpenSession, unknown[]>();

  function end(session: OpenSession): void {
    if (session.isEnded) return;
    session.isEnded = true;
    sessions.delete(session);
    time.later(session.place, world.between(0.2, 4), () => session.onEnd());
    time.later(database, 0, () => {
      void query('delete from public.held where lock = any ($1::bigint[])', [locks.get(session)]);
    });
  }

  return {
    tell: () => {
      for (const session of sessions) {
        if (!session.isListening) continue;
        time.later(session.place, world.between(0.2, 4), () => session.onNotification());
      }
    },
    hangUp: (place: Place) => {
      for (const session of sessions) if (session.place === place) end(session);
    },
    endSession: (worker: number) => {
      for (const session of sessions) if (session.worker === worker) end(session);
    },
    sessionOf:
      (place: Place, worker: number, network: StoreNetwork) => async (): Promise<Session> => {
        const ask = <Answer>(text: string, work: () => Promise<Answer>) =>
          network.call(place, { worker, call: callOf(text) ?? 'enter' }, async () => {
            if (session.isEnded) throw new Error('The connection has ended.');
            return work();
          });
        const session: OpenSession = {
          place,
          worker,
          isListening: false,
          isEnded: false,
          onNotification: () => {},
          onEnd: () => {},
        };
        await ask('', async () => {
          sessions.add(session);
          locks.set(session, []);
        });
        return {
          query: async <Row>(text: string, values: readonly unknown[] = []) =>
            (await ask(text, async () => {
              if (text.startsWith('listen ')) session.isListening = true;
              else if (text.startsWith('select pg_advisory_lock(')) {
                locks.get(session)?.push(values[0]);
                await query('insert into public.held values ($1::bigint)', values);
              } else return query(text, values);
              return [];
            })) as Row[],
          onNotification(callback) {
            session.onNotification = callback;
          },
          onEnd(callback) {
            session.onEnd = callback;
          },
          close() {
            session.onEnd = () => {};
            void arriveAt(database).then(() => end(session));
          },
        };
      },
  };
}
