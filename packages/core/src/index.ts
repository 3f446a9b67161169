export {
  type ContextOf,
  type EventOf,
  type LifecycleConfig,
  type LifecycleGuard,
  type StateOf,
} from './config.ts';
export { type Duration } from './deadline.ts';
export { type Calendar, type DueEvent, type DueOptions, type Moment } from './due.ts';
export { type Blocker, type LifecycleBlockerCode } from './blockers.ts';
export { type EdgeGuard, type LifecycleEdge } from './edges.ts';
export {
  type DefinitionFault,
  LifecycleDefinitionError,
  TransitionBlockedError,
} from './errors.ts';
export { type EventInput } from './event-input.ts';
export { type LeanLifecycle } from './lean-lifecycle.ts';
export {
  defineLifecycle,
  type Lifecycle,
  type LifecycleOf,
  type PayloadSchemasOf,
} from './lifecycle.ts';
export {
  defineMigration,
  type Migrated,
  type Migration,
  type MigrationOptions,
  type StoredLifecycle,
  type StoredState,
} from './migration.ts';
export { type LifecycleOptions } from './options.ts';
export { type PayloadSchema, type PayloadSchemas } from './payload.ts';
export { type Candidates, type Observation } from './observe.ts';
export { type Plan, type PlanOptions, type PlanResult, type PlanTarget } from './plan.ts';
export {
  type Replay,
  type ReplayCounts,
  type ReplayOptions,
  type ReplayStep,
  type ReplayVerdict,
  type ReplayWalk,
} from './replay.ts';
export { ticketLifecycle } from './ticket-lifecycle.ts';
export { ticketMachine, type TicketEvent, type TicketMachine } from './ticket-machine.ts';
export { ticketStatuses, ticketStatusSchema, type TicketStatus } from './ticket-status.ts';
export { type AllowedTransition, type BlockedTransition, type Verdict } from './verdict.ts';
