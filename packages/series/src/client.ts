// The client alone, without workflow, core and XState.
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
export { type Person, type Ticket, type TicketMessage, type TicketPage } from './client/ticket.ts';
export {
  NotSentError,
  OutcomeUnknownError,
  RateLimitedError,
  SeriesApiError,
  SeriesError,
  type ResponseInfo,
} from './errors.ts';
export { createRateLimiter } from './limiter/rate-limiter.ts';
export { type CallOptions } from './request/call-options.ts';
