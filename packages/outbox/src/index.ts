export { type OutboxOptions } from './create-outbox.ts';
export { type AcceptOptions, type Change, type ChangeToAccept } from './model/change.ts';
export {
  type Deliver,
  type DeliveryJob,
  type Ending,
  type KeyFault,
  type LaterChange,
} from './model/delivery.ts';
export {
  DatabaseBlockedError,
  DatabaseError,
  DirectoryInUseError,
  FencedError,
  InvalidChangeError,
  OutboxError,
} from './model/errors.ts';
export { type ChangeEvidence, type EvidenceKind, type SafeStep } from './model/evidence.ts';
export { createMemoryOutbox } from './memory/create-memory-outbox.ts';
export {
  type BlockedTicket,
  type Capabilities,
  type ChangeHistory,
  type ChangeRecord,
  type DeadChange,
  type Depth,
  type Inspect,
  type KeyBudget,
  type Outbox,
  type OutboxEvent,
  type PausedKey,
  type RedriveFilter,
} from './model/outbox.ts';
export { type WaitingChange } from './model/waiting-changes.ts';
export { createPostgresOutbox, type PostgresOutboxOptions } from './sql/create-postgres-outbox.ts';
export { type EndedChange, type OnEnd } from './sql/end-with-rows.ts';
export { deliverToSeries, type SeriesDeliveryOptions } from './series/deliver-to-series.ts';
export { type SeriesDueOptions } from './series/follow-up-deadlines.ts';
export { type Transaction } from './sql/accept.ts';
export {
  createPgliteOutbox,
  type PgliteLike,
  type PgliteOutboxOptions,
} from './sql/create-pglite-outbox.ts';
export {
  fromDrizzle,
  fromKnex,
  fromKysely,
  fromPrisma,
  type DrizzleSqlLike,
  type DrizzleTransactionLike,
  type KnexTransactionLike,
  type KyselyTransactionLike,
  type PrismaTransactionLike,
} from './sql/adapters.ts';
export { measureOutbox, type MeterLike } from './metrics.ts';
export { type PgClient, type PgPool, type Queryable } from './sql/database.ts';
