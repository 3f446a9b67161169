export {
  type AdapterBlocker,
  type AdapterBlockerCode,
  type WorkflowBlocker,
} from './tickets/blockers.ts';
export { type BudgetState } from './limiter/budget-state.ts';
export {
  type CallName,
  type RequestEvent,
  type RequestInfo,
  type RequestListener,
} from './request/request-event.ts';
export { httpSchemas } from './http/http-schemas.ts';
export { type ProblemStatus } from './http/http-status.ts';
export {
  toHttpAnswer,
  toProblem,
  type HttpAnswer,
  type Problem,
  type ProblemBlocker,
  type ProblemKind,
} from './http/problem.ts';
export { toResponse } from './http/to-response.ts';
export { createSeriesClient } from './client/client.ts';
export { type SeriesClientOptions } from './client/client-options.ts';
export { type ClientLogger } from './client/log-events.ts';
export {
  type SeriesClient,
  type StatusChange,
  type StatusChanged,
  type TicketClaim,
  type TicketListQuery,
} from './client/series-client.ts';
export { type AppInfo } from './request/runtime.ts';
export { systemClock, type Clock } from './clock.ts';
export {
  judgeDoubt,
  type DoubtfulChange,
  type DoubtVerdict,
  type TicketSeen,
} from './tickets/judge-doubt.ts';
export { readAgainInMs, type ReadAgainContext } from './tickets/read-again.ts';
export {
  type AttemptEnded,
  type AttemptHooks,
  type AttemptWrapper,
  type CallOptions,
  type Effort,
} from './request/call-options.ts';
export {
  NotSentError,
  OutcomeUnknownError,
  RateLimitedError,
  SeriesApiError,
  SeriesError,
  type Delivery,
  type NotSentReason,
  type RefusalCode,
  type ResponseInfo,
  type SeriesErrorDetails,
  type UnknownReason,
} from './errors.ts';
export { type ApiKeySource } from './request/api-key.ts';
export {
  LimiterClosedError,
  QueueFullError,
  WaitExpiredError,
  type AcquireOptions,
  type Lease,
  type LeaseAnswer,
  type Priority,
} from './limiter/lease.ts';
export {
  type LimitEvidence,
  type LimiterEvent,
  type LimiterListener,
  type Paused,
  type SteppedDown,
  type SteppedUp,
} from './limiter/limiter-event.ts';
export { type EventChoice } from './workflow/choices.ts';
export { type ChangeSink } from './workflow/change-sink.ts';
export { type Move } from './workflow/move.ts';
export { RunDueError, type RunDueFailure } from './workflow/run-due.ts';
export {
  type Blocked,
  type ChangeEntry,
  type Confirmed,
  type NotSent,
  type Outcome,
  type OutcomeBase,
  type Refused,
  type Unchanged,
  type Unknown,
} from './workflow/outcome.ts';
export { toOutcomeRecord, type ErrorRecord, type OutcomeRecord } from './http/outcome-record.ts';
export { type ReadPolicy } from './tickets/locate.ts';
export {
  createRateLimiter,
  type LocalRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
} from './limiter/rate-limiter.ts';
export { type Caution, type PacingPolicy } from './limiter/policy.ts';
export { type ClockOffset } from './request/server-clock.ts';
export {
  createMemoryStatusStore,
  type KnownState,
  type MemoryStatusStoreOptions,
  type StatusStore,
  type StoredTicket,
} from './tickets/status-store.ts';
export { staffUserIdSchema, ticketIdSchema } from './schemas.ts';
export { type Person, type Ticket, type TicketMessage, type TicketPage } from './client/ticket.ts';
export { type TicketObservation } from './tickets/observe.ts';
export { type TicketPosition } from './tickets/position.ts';
export { type TicketWatch, type WatchOptions } from './tickets/watch.ts';
export {
  type ChangeAllowed,
  type ChangeAsked,
  type ChangeBlocked,
  type ChangeBroken,
  type ChangeEnded,
  type DoubtArose,
  type DoubtSettled,
  type EventSubject,
  type EntryDropped,
  type SinkFailed,
  type StoreFailed,
  type TicketObserved,
  type WorkflowEvent,
  type WorkflowListener,
} from './workflow/workflow-event.ts';
export { ticketActor, type TicketActorLogic } from './integrations/ticket-actor.ts';
export {
  type TicketActorContext,
  type TicketActorEvent,
  type TicketActorInput,
  type TicketActorSnapshot,
  type TicketActorValue,
} from './integrations/ticket-actor-snapshot.ts';
export { type TicketWorkflow } from './workflow/ticket-workflow.ts';
export { type WorkflowAttempt, type WorkflowAttemptWrapper } from './workflow/wrapped-client.ts';
export { createTicketWorkflow } from './workflow/workflow.ts';
export { type Forced, type Override } from './workflow/override.ts';
export {
  type ApplyOptions,
  type BeforeSend,
  type ChangeOptions,
  type ChangeMethod,
  type ChangeToSend,
  type EnabledOptions,
  type MoveOptions,
  type ResendPolicy,
  type RunDueOptions,
  type SettleOptions,
  type WhereOptions,
  type WorkflowClient,
  type WorkflowOptions,
} from './workflow/workflow-options.ts';
