import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import type { Engine } from './engine.ts';

const quiet = new Logger(() => () => {});
const task = 'change';

export const graphileWorker: Engine = {
  name: 'graphile-worker',
  figure: 'graphileWorker',
  claim: 'skip locked',
  async openProducer(pool, { schema }) {
    const utils = await makeWorkerUtils({ pgPool: pool, schema, logger: quiet });
    await utils.migrate();
    return {
      async accept(items) {
        await utils.addJobs(
          items.map((item) => ({ identifier: task, payload: { item }, jobKey: String(item) })),
        );
      },
      close: async () => utils.release(),
    };
  },
  async work(pool, { schema }, deliver) {
    await run({
      pgPool: pool,
      schema,
      logger: quiet,
      noHandleSignals: true,
      concurrency: 20,
      taskList: {
        async [task](payload) {
          await deliver((payload as { readonly item: number }).item);
        },
      },
    });
  },
};
