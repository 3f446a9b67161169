// When a slot of the rate limit may be used again, for limiters on a shared store.
export { pauseMs } from './limiter/retry-after.ts';
export { cooldownMs } from './limiter/slots.ts';
