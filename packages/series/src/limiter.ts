// The limit, and when a slot may be used again: for limiters on a shared store.
export { documentedLimit } from './limiter/rate-limiter.ts';
export { pauseMs } from './limiter/retry-after.ts';
export { cooldownMs } from './limiter/slots.ts';
