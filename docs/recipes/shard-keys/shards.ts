import { createHash } from 'node:crypto';
import type { Change, Deliver, Outbox } from '@ticket-lifecycle/outbox';

type Shards<Tx> = Readonly<Record<string, Outbox<Tx>>>;

/** Of all databases, the one whose name and the key hash highest. */
export function shardOf(key: string, names: readonly string[]): string {
  const hash = (name: string) =>
    createHash('sha256').update(`${name}/${key}`).digest('hex');
  const [first = ''] = names.toSorted((one, other) =>
    hash(one) < hash(other) ? 1 : -1,
  );
  return first;
}

/** One outbox over several databases. Each key has its own database. */
export function openShards<Tx>(shards: Shards<Tx>) {
  const names = Object.keys(shards);
  const all = Object.values(shards);

  function of(key = 'default'): Outbox<Tx> {
    const shard = shards[shardOf(key, names)];
    if (shard === undefined) throw new Error('There is no database.');
    return shard;
  }

  return {
    of,
    accept: (change: Change, options: { id?: string; tx?: Tx } = {}) =>
      of(change.key).accept(change, options),
    run: (deliver: Deliver) =>
      Promise.all(all.map((shard) => shard.run(deliver))),
    close: () => Promise.all(all.map((shard) => shard.close())),
    async blocked() {
      const each = all.map(({ inspect }) => inspect.blocked());
      return (await Promise.all(each)).flat();
    },
  };
}
