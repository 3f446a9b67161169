import { SeriesError } from '@ticket-lifecycle/series';

// Of these nobody knows more than that the API did not answer, or had no room.
const reasons: ReadonlySet<unknown> = new Set([
  'could-not-connect',
  'rate-limited',
  'expired',
  'queue-full',
  'timeout',
  'connection-lost',
  'server-error',
]);

/** Whether the API could not be reached, which says nothing about the change. */
export function isOutage(error: unknown): boolean {
  if (!SeriesError.is(error)) return false;
  const { reason, cause } = error as { reason?: unknown; cause?: unknown };
  return reason === 'could-not-read' ? isOutage(cause) : reasons.has(reason);
}
