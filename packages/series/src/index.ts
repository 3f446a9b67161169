export { type AdapterBlockerCode } from './adapter-blockers.ts';
export { type BudgetState } from './budget-state.ts';
export { type CallName, type CallStep, type RequestInfo, type StepListener } from './call-step.ts';
export {
  createSeriesClient,
  type SeriesClient,
  type StatusChange,
  type StatusChanged,
  type TicketClaim,
  type TicketListQuery,
} from './client.ts';
export { type SeriesClientOptions } from './client-options.ts';
export { systemClock, type Clock } from './clock.ts';
export { type CallOptions, type Effort } from './delivery.ts';
export {
  NotSentError,
  OutcomeUnknownError,
  RateLimitedError,
  SeriesApiError,
  SeriesError,
  type Delivery,
  type NotSentReason,
  type RefusalCode,
  type SeriesErrorDetails,
  type UnknownReason,
} from './errors.ts';
export { type ApiKeySource } from './key-ring.ts';
export {
  LimiterClosedError,
  QueueFullError,
  WaitExpiredError,
  type AcquireOptions,
  type Lease,
  type LeaseAnswer,
  type Priority,
} from './lease.ts';
export {
  type LimitEvidence,
  type LimiterEvent,
  type LimiterListener,
  type Paused,
  type SteppedDown,
} from './limiter-event.ts';
export { type Move } from './move.ts';
export {
  type Blocked,
  type Confirmed,
  type NotSent,
  type Outcome,
  type OutcomeBase,
  type Refused,
  type Unchanged,
  type Unknown,
} from './outcome.ts';
export { toOutcomeRecord, type ErrorRecord, type OutcomeRecord } from './outcome-record.ts';
export { type ReadPolicy } from './position.ts';
export {
  createRateLimiter,
  type LocalRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
} from './rate-limiter.ts';
export { type Rung } from './rung.ts';
export { type ClockOffset } from './server-clock.ts';
export {
  createMemoryStatusStore,
  type KnownState,
  type MemoryStatusStoreOptions,
  type StatusStore,
} from './status-store.ts';
export { staffUserIdSchema, ticketIdSchema } from './ticket-id.ts';
export { type Ticket, type TicketPage } from './ticket.ts';
export { type TicketObservation } from './observe.ts';
export { type TicketWatch, type WatchOptions } from './watch.ts';
export {
  type ChangeAllowed,
  type ChangeAsked,
  type ChangeBlocked,
  type ChangeBroken,
  type ChangeEnded,
  type DoubtArose,
  type DoubtSettled,
  type EventSubject,
  type StoreFailed,
  type TicketObserved,
  type WorkflowEvent,
  type WorkflowListener,
} from './workflow-event.ts';
export {
  ticketActor,
  type TicketActorContext,
  type TicketActorEvent,
  type TicketActorInput,
  type TicketActorLogic,
  type TicketActorSnapshot,
  type TicketActorValue,
} from './ticket-actor.ts';
export { createTicketWorkflow, type TicketWorkflow } from './workflow.ts';
export {
  type ChangeOptions,
  type ChangeWay,
  type MoveOptions,
  type SettleOptions,
  type WorkflowClient,
  type WorkflowOptions,
} from './workflow-options.ts';
