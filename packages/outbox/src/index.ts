export { type OutboxOptions } from './assemble.ts';
export { type Change } from './change.ts';
export { type Deliver, type Delivery, type Ending, type LaterChange } from './delivery.ts';
export { DirectoryInUseError, FencedError, InvalidChangeError, OutboxError } from './errors.ts';
export { createMemoryOutbox } from './memory.ts';
export {
  type AcceptOptions,
  type BlockedTicket,
  type Capabilities,
  type DeadChange,
  type Depth,
  type Inspect,
  type KeyBudget,
  type Outbox,
  type OutboxEvent,
} from './outbox.ts';
export { createPostgresOutbox, type PostgresOutboxOptions } from './postgres.ts';
export { deliverToSeries, type SeriesDeliveryOptions } from './deliver-to-series.ts';
export { type SeriesDueOptions } from './due.ts';
export { type Transaction } from './accept.ts';
export { createPgliteOutbox, type PgliteLike, type PgliteOutboxOptions } from './pglite.ts';
export { measureOutbox, type MeterLike } from './metrics.ts';
export { type PgClient, type PgPool, type Queryable } from './database.ts';
