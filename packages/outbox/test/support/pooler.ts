import type pg from 'pg';
import type { PgPool } from '../../src/index.ts';

/** A pooler in transaction mode, as a service behind it sees its pool. */
export interface Pooler extends PgPool {
  /** Lets nothing through any more, or again. */
  cut(isCut: boolean): void;
}

/** Each statement or transaction gets whichever connection is free, and no client keeps one. */
export function poolerOf(pool: pg.Pool): Pooler {
  let isCut = false;
  const demandOpen = () => {
    if (isCut) throw new Error('The pooler lets nothing through.');
  };
  return {
    cut(whether) {
      isCut = whether;
    },
    async query(text, values) {
      demandOpen();
      return pool.query(text, values);
    },
    async connect() {
      let held: pg.PoolClient | undefined;
      const letGo = () => {
        held?.release();
        held = undefined;
      };
      return {
        async query(text, values) {
          demandOpen();
          if (text === 'begin') held = await pool.connect();
          const result = await (held ?? pool).query(text, values);
          if (text === 'commit' || text === 'rollback') letGo();
          return result;
        },
        release: letGo,
        // No notification ever comes through.
        on: () => {},
        off: () => {},
      };
    },
  };
}
