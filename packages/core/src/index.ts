export {
  compareLifecycles,
  type CompareOptions,
  type LifecycleComparison,
  type MissingEntry,
} from './compare/compare-lifecycles.ts';
export { type BlockedStep, type BrokenHistory } from './compare/broken-histories.ts';
export { type ComparableLifecycle, type LifecycleChange } from './compare/lifecycle-changes.ts';
export { type LostChange, type WaitingChange } from './compare/lost-changes.ts';
export {
  type AnyContext,
  type ContextOf,
  type EventOf,
  type LifecycleConfig,
  type LifecycleGuard,
  type NamedEvent,
  type StateOf,
} from './definition/config-types.ts';
export { type Meta } from './definition/compile.ts';
export { type Duration } from './durations.ts';
export { type Moment } from './moments.ts';
export { type Calendar, type DueEvent, type DueOptions } from './queries/due.ts';
export {
  type Blocker,
  type BlockerOf,
  type BlockerParameters,
  type LifecycleBlockerCode,
} from './blockers.ts';
export { type EdgeGuard, type LifecycleEdge } from './queries/edges.ts';
export {
  type DefinitionFault,
  type DefinitionFaultCode,
  LifecycleDefinitionError,
  TransitionBlockedError,
} from './errors.ts';
export { type EventInput, type LeanLifecycle } from './lifecycle/build-lifecycle.ts';
export {
  defineLifecycle,
  type GuardMessagesOf,
  type GuardNameOf,
  type Lifecycle,
  type LifecycleOf,
  type PayloadSchemasOf,
} from './lifecycle/define-lifecycle.ts';
export {
  defineMigration,
  type Migrated,
  type MigrationBlocker,
  type Migration,
  type MigrationOptions,
  type StoredLifecycle,
  type StoredState,
} from './lifecycle/migration.ts';
export {
  type GuardMessage,
  type GuardMessageFacts,
  type GuardMessages,
  type LifecycleOptions,
} from './definition/lifecycle-options.ts';
export { type PayloadSchema, type PayloadSchemas } from './definition/payloads.ts';
export { type Candidates, type Observation, type ObserveOptions } from './queries/observe.ts';
export { type BlockedPath } from './queries/blocked-paths.ts';
export {
  type Plan,
  type PlanOptions,
  type PlanResult,
  type PlanTarget,
} from './queries/plan-result.ts';
export {
  type ExplainedRow,
  type Replay,
  type ReplayOptions,
  type ReplayStep,
  type ReplayVerdict,
  type ReplayWalk,
} from './queries/replay.ts';
export { type LogTimes, type TimeSpent } from './queries/log-times.ts';
export { type Sla, type SlaClock } from './sla/read-sla.ts';
export {
  type Weekday,
  type WorkingCalendar,
  type WorkingCalendarConfig,
  type WorkingHours,
} from './sla/working-calendar.ts';
export { type Durations } from './quantiles.ts';
export {
  createReplayLog,
  type ReplayLog,
  type ReplayLogOptions,
  type ReplayLogSummary,
  type Rework,
  type TicketReplay,
} from './queries/replay-log.ts';
export { type Variant } from './queries/variants.ts';
export {
  createReplayStepper,
  type PlacedStep,
  type ReplayableLifecycle,
  type ReplayPlace,
  type ReplayStepper,
} from './queries/replay-stepper.ts';
export { type ReplayCounts, type ReplayFit, type ReplayStart } from './queries/tally.ts';
export { ticketLifecycle } from './lifecycle/ticket-lifecycle.ts';
export { ticketMachine, type TicketEvent, type TicketMachine } from './lifecycle/ticket-machine.ts';
export { type StatusMatch } from './queries/state-for.ts';
export { ticketStatuses, ticketStatusSchema, type TicketStatus } from './ticket-status.ts';
export { type AllowedTransition, type BlockedTransition, type Verdict } from './queries/verdict.ts';
export { messages, translate, type Messages } from './lifecycle/messages.ts';
export {
  problemSchema,
  toProblem,
  type Problem,
  type ProblemOptions,
  type RefusedEvent,
} from './lifecycle/problem.ts';
export { type ParsedEvent } from './lifecycle/parse-event.ts';
