import { PGlite } from '@electric-sql/pglite';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import {
  createPgliteOutbox,
  type EndedChange,
  type PgClient,
  type PgliteOutboxOptions,
} from '../../src/index.ts';
import { checkChange } from '../../src/model/change.ts';
import { createEndWithRows, type EndWithChange, type OnEnd } from '../../src/sql/end-with-rows.ts';
import type { ClaimEnd, ClaimName } from '../../src/model/claim.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { openPgliteStore } from '../support/sql-stores.ts';
import { change, delivering, ended, eventOf, trialOf } from '../support/trial.ts';

let pglite: PGlite;
beforeAll(async () => {
  pglite = await PGlite.create();
  await (await createPgliteOutbox({ pglite })).close();
  await pglite.exec('create table audit (id uuid, kind text, state text)');
});
afterAll(() => pglite.close());
beforeEach(() => pglite.exec(`truncate audit; ${emptyTables()}`));

const audited = async () =>
  (await pglite.query<{ id: string; kind: string; state: string | null }>('select * from audit'))
    .rows;
async function write(ends: readonly EndedChange[], tx: PgClient): Promise<void> {
  for (const { id, kind, state = null } of ends) {
    await tx.query('insert into audit values ($1, $2, $3)', [id, kind, state]);
  }
}

async function start(onEnd: PgliteOutboxOptions['onEnd']) {
  const trial = await trialOf((onEvent) =>
    createPgliteOutbox({ pglite, pace: 'burst', onEvent, onEnd }),
  );
  onTestFinished(() => trial.outbox.close());
  return trial;
}

test('rows of the service are written together with each end, and not for another try', async () => {
  const seen: EndedChange[] = [];
  const { outbox, until } = await start(async (ends, tx) => {
    seen.push(...ends);
    await write(ends, tx);
  });
  const ids = new Map<string, string>();
  for (const event of ['DONE', 'DEAD', 'UNKNOWN', 'DROPPED']) {
    ids.set(event, await outbox.accept(change(`TICKET-${event}`, event)));
  }
  await outbox.run(
    delivering((job) => {
      if (job.attempt === 1) return { kind: 'retry', reason: 'away', delayMs: 1 };
      const reason = 'so it is';
      switch (eventOf(job)) {
        case 'DONE':
          return { kind: 'done', state: 'in-progress' };
        case 'DEAD':
          return { kind: 'dead', reason };
        case 'DROPPED':
          return { kind: 'dropped', reason };
        default:
          return { kind: 'unknown', reason };
      }
    }),
  );
  await until((event) => ended()(event) && event.type === 'ended' && event.kind !== 'retry', 4);
  const found = (await audited()).map(({ id, kind, state }) => [id, kind, state]);
  expect(found).toHaveLength(4);
  expect(found).toEqual(
    expect.arrayContaining([
      [ids.get('DONE'), 'done', 'in-progress'],
      [ids.get('DEAD'), 'dead', null],
      [ids.get('UNKNOWN'), 'unknown', null],
      [ids.get('DROPPED'), 'dropped', null],
    ]),
  );
  expect(seen.find(({ kind }) => kind === 'dead')).toMatchObject({
    reason: 'so it is',
    change: { ticketId: 'TICKET-DEAD', key: 'default' },
  });
});

test('while the rows of one can not be written it has not ended, and others have', async () => {
  let isBroken = true;
  const { outbox, events, until } = await start(async (ends, tx) => {
    await write(ends, tx);
    // What was written before this must not stay.
    if (isBroken && ends.some((one) => one.change.ticketId === 'BAD')) throw new Error('no room');
  });
  const bad = await outbox.accept(change('BAD'));
  await outbox.accept(change('BAD', 'NEXT'));
  for (const ticket of ['GOOD-1', 'GOOD-2', 'GOOD-3']) await outbox.accept(change(ticket));
  await outbox.run(delivering());
  await until(ended('done'), 3);
  await until(({ type }) => type === 'error');
  expect(events.find(({ type }) => type === 'error')).toMatchObject({
    error: { message: 'no room' },
  });
  expect(await outbox.inspect.change(bad)).toMatchObject({ kind: 'underWay' });
  expect(await audited()).toHaveLength(3);
  isBroken = false;
  await until(ended('done'), 5);
  expect(await audited()).toHaveLength(5);
});

test('a statement that fails is told, also where onEnd keeps its error to itself', async () => {
  let isBroken = true;
  const { outbox, events, until } = await start(async (_, tx) => {
    if (isBroken) await tx.query('select 1 / 0').catch(() => {});
  });
  await outbox.accept(change('TICKET-1'));
  await outbox.run(delivering());
  await until(({ type }) => type === 'error');
  expect(events[0]).toMatchObject({ error: { message: 'division by zero' } });
  isBroken = false;
  await until(ended('done'));
});

test('an end that stands, and one that is not held, write no rows', async () => {
  const told: string[] = [];
  const store = await openPgliteStore(pglite, 'ticket_outbox', {
    async onEnd(ends, tx) {
      told.push(...ends.map(({ id }) => id));
      await write(ends, tx);
    },
  });
  onTestFinished(() => store.close());
  for (const ticket of ['TICKET-1', 'TICKET-2']) {
    await store.accept([{ id: timeOrderedId(), change: checkChange(change(ticket)) }]);
  }
  const life = await store.enter();
  const jobs: ClaimName[] = [];
  for (let number = 1; jobs.length < 2; number += 1) {
    jobs.push(...(await store.claim(life, { number, most: 10, held: jobs })).jobs);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const endOf = ({ id, fence }: ClaimName, more: Partial<ClaimEnd> = {}): ClaimEnd => {
    const its = checkChange(change('TICKET-1'));
    return { life: life.id, id, fence, kind: 'done', doubt: 'none', change: its, ...more };
  };
  const [first, second] = jobs as [ClaimName, ClaimName];
  expect([...(await store.end([endOf(first)], [])).stands]).toEqual([first.id]);
  // Its answer was lost, so it is ended again, together with one of another life.
  const again = [endOf(first), endOf(second, { life: timeOrderedId() }), endOf(second)];
  for (let time = 1; time <= 2; time += 1) {
    const { stands } = await store.end(again.slice(0, 2), []);
    expect([...stands]).toEqual([first.id]);
  }
  expect(told).toEqual([first.id]);
  expect([...(await store.end([endOf(first), endOf(second)], [])).stands]).toEqual(
    expect.arrayContaining([first.id, second.id]),
  );
  expect(told).toEqual([first.id, second.id]);
  expect(await audited()).toHaveLength(2);
});

describe('rows of a service that hangs', () => {
  const stored = checkChange({ ticketId: 'T-1', event: 'GO', staffUserId: 7 });
  const ids = Array.from({ length: 200 }, (_, at) => `id-${at}`);
  const ends = ids.map((id) => ({
    id,
    life: 'life',
    fence: 1,
    kind: 'done',
    doubt: 'none',
    change: stored,
  })) as unknown as EndWithChange[];
  const idsOf = (input: unknown) =>
    (input as { readonly ends: readonly EndWithChange[] }).ends.map(({ id }) => id);

  function setUp(onEnd: OnEnd) {
    const asked: string[] = [];
    const errors: unknown[] = [];
    const tx = {
      executeSql: async (text: string, values?: unknown[]) => {
        asked.push(text);
        const written = text.includes('end_claims') ? idsOf(JSON.parse(String(values?.[0]))) : [];
        return { rows: [{ result: JSON.stringify({ stands: written, busy: [], written }) }] };
      },
    };
    const end = createEndWithRows({
      database: { transaction: (work) => work(tx) },
      schema: 'ticket_outbox',
      call: (async (_: string, input: object) => idsOf(input)) as never,
      onEnd,
      onError: (error) => errors.push(error),
    });
    return { end, asked, errors };
  }

  test('holds up the others for ten seconds, and its ends are tried again', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { end, errors } = setUp(() => new Promise(() => {}));
    const answer = end(ends);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answer).toMatchObject({ stands: [], busy: ids });
    expect(errors.map(String)).toEqual([expect.stringContaining('onEnd took longer than 10 s')]);
  });

  test('are written with fewer changes at a time, where each takes long', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { end } = setUp((some) => new Promise((done) => setTimeout(done, 90 * some.length)));
    const first = end(ends);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await first).stands).toEqual([]);
    const second = end(ends);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await second).toMatchObject({ stands: ids.slice(0, 100), busy: ids.slice(100) });
  });

  test('writes nothing on the connection when its time is over', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const late = Promise.withResolvers<unknown>();
    const { end, asked } = setUp(async (_, tx) => {
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      await tx.query('insert into audit').then(late.resolve, late.resolve);
    });
    const answer = end(ends);
    await vi.advanceTimersByTimeAsync(20_000);
    await answer;
    expect(String(await late.promise)).toContain('its transaction');
    expect(asked).not.toContain('insert into audit');
  });
});
