// The limit, who waits for a slot, and when one may be used again: for limiters on a shared store.
export { checkAnswer } from './limiter/lease.ts';
export { createQueue, type Queue } from './limiter/queue.ts';
export { createSpacing, type Spacing } from './limiter/pacing.ts';
export { createPathFloor, type PathFloor } from './limiter/path-floor.ts';
export { documentedLimit } from './limiter/rate-limiter.ts';
export { pauseMs } from './limiter/retry-after.ts';
export { createRoundTrips, type RoundTrips } from './limiter/round-trips.ts';
export { cooldownMs } from './limiter/slots.ts';
