export type { Admission, RateLimit } from './admission.ts';
export type { Verdict } from './answer.ts';
export type { Clock } from './clock.ts';
export { SandboxError, type SandboxErrorCode } from './error.ts';
export { type FaultKind, faultKinds, faultMeanings } from './fault-kinds.ts';
export type { FaultRateOptions, FaultRequest, Faults, FaultState } from './faults.ts';
export type { KeyFigures } from './key-figures.ts';
export type { DelayRange } from './latency.ts';
export type { AnswerBody, RetryAfter } from './limited.ts';
export type { SandboxOptions } from './options.ts';
export {
  createRateLimit,
  type LimitAlgorithm,
  limitAlgorithms,
  type RateLimitOptions,
} from './rate-limit.ts';
export type { CallName, RecordedRequest, SandboxRecord } from './record.ts';
export { createSandbox, type Sandbox } from './sandbox.ts';
export { createSlidingLog, type SlidingLogOptions } from './sliding-log.ts';
export { type RunningSandbox, startSandbox, type StartSandboxOptions } from './start-sandbox.ts';
export type { Stranger } from './stranger.ts';
export {
  type NewTicket,
  type Ticket,
  type TicketAuthor,
  type TicketReply,
  type TicketStatus,
  ticketStatuses,
} from './ticket.ts';
export type { SystemMessage } from './system-message.ts';
export type { SameStatus, UnclaimMessage, UpdatedAt } from './ticket-rules.ts';
export { type SetStatusOptions, Tickets } from './tickets.ts';
export type { BrokenPromise, VerifyOptions } from './verify.ts';
