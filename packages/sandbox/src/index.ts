export type { Admission, RateLimit } from './limits/rate-limit.ts';
export type { AnswerBody, RequestVerdict } from './api/answer.ts';
export type { SandboxCall, UnclaimBody } from './api/route.ts';
export type { RetryAfter } from './api/too-many-requests.ts';
export type { SandboxClock } from './clock.ts';
export { SandboxError, type SandboxErrorCode } from './error.ts';
export { type FaultKind, faultKinds, faultMeanings } from './faults/fault-kinds.ts';
export type {
  FaultRateOptions,
  FaultRequest,
  Faults,
  FaultState,
} from './faults/fault-schedule.ts';
export type { KeyFigures } from './record/key-figures.ts';
export type { DelayRange, SandboxOptions } from './options.ts';
export {
  createRateLimit,
  type LimitAlgorithm,
  limitAlgorithms,
  type RateLimitOptions,
} from './limits/create-rate-limit.ts';
export type { RecordedRequest, SandboxRecord } from './record/request-record.ts';
export { createSandbox, type Sandbox } from './sandbox.ts';
export { createSlidingLog, type SlidingLogOptions } from './limits/sliding-log.ts';
export { type RunningSandbox, startSandbox, type StartSandboxOptions } from './start-sandbox.ts';
export type { Stranger } from './limits/stranger.ts';
export {
  type NewTicket,
  type SandboxTicket,
  type TicketAuthor,
  type TicketReply,
  type TicketStatus,
  ticketStatuses,
} from './tickets/ticket.ts';
export type { SystemMessage } from './tickets/system-message.ts';
export type { SameStatus, UnclaimMessage, UpdatedAt } from './tickets/ticket-rules.ts';
export { type SetStatusOptions, Tickets } from './tickets/tickets.ts';
export type { BrokenPromise, VerifyOptions } from './record/verify.ts';
