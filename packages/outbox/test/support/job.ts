import { createRateLimiter } from '@ticket-lifecycle/series';
import type { Change, DeliveryJob } from '../../src/index.ts';

/** What a worker hands over when it delivers a change for the first time. */
export const jobOf = (change: Change, more: Partial<DeliveryJob> = {}): DeliveryJob => ({
  id: '1',
  change,
  key: change.key ?? 'default',
  attempt: 1,
  doubt: undefined,
  known: undefined,
  rateLimiter: createRateLimiter(),
  timeoutMs: 10_000,
  ensureHeld: async () => {},
  isHeld: () => true,
  note: () => {},
  signal: new AbortController().signal,
  ...more,
});
