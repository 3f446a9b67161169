import { SeriesError } from '@ticket-lifecycle/series';

// Of these nobody knows more than that the API did not answer, had no room, or failed itself.
const reasons: ReadonlySet<unknown> = new Set([
  'could-not-connect',
  'rate-limited',
  'expired',
  'queue-full',
  'timeout',
  'connection-lost',
  'server-error',
]);

/** Whether the API was away or out of order, which says nothing about the change. */
export function isOutage(error: unknown): boolean {
  if (!SeriesError.is(error)) return false;
  const { reason, cause } = error as { reason?: unknown; cause?: unknown };
  return reason === 'could-not-read' ? isOutage(cause) : reasons.has(reason);
}
