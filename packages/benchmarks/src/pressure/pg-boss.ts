import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import { idOf, itemOf, type Engine, type Place } from './engine.ts';

const queue = 'changes';
// Its defaults are one job each two seconds. The shortest interval that it takes, and batches.
const workOptions = { batchSize: 20, pollingIntervalSeconds: 0.5, localConcurrency: 2 } as const;

export const pgBoss: Engine = {
  name: 'pg-boss',
  figure: 'pgBoss',
  claim: 'FOR UPDATE OF j SKIP LOCKED',
  async openProducer(pool, place) {
    const boss = await start(pool, place);
    const seconds = Math.ceil((place.keepEndedMs ?? 0) / 1000);
    const kept = seconds > 0 ? { deleteAfterSeconds: seconds } : {};
    await boss.createQueue(queue, { retryLimit: 20, ...kept });
    return {
      async accept(items) {
        await boss.insert(
          queue,
          items.map((item) => ({ id: idOf(item), data: {} })),
        );
      },
      close: () => boss.stop({ graceful: false, close: false }),
    };
  },
  async work(pool, place, deliver) {
    const boss = await start(pool, place);
    await boss.work(queue, workOptions, async (jobs) => {
      await Promise.all(jobs.map(({ id }) => deliver(itemOf(id))));
    });
  },
};

async function start(pool: pg.Pool, { schema }: Place): Promise<PgBoss> {
  const boss = new PgBoss({
    schema,
    db: { executeSql: (text, values) => pool.query(text, values) },
  });
  boss.on('error', () => {});
  await boss.start();
  return boss;
}
