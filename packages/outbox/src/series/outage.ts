import { SeriesError } from '@ticket-lifecycle/series';
import type { KeyFault } from '../model/delivery.ts';

// Of these nobody knows more than that the API did not answer, or had no room.
const reasons: ReadonlySet<unknown> = new Set([
  'could-not-connect',
  'rate-limited',
  'expired',
  'queue-full',
  'timeout',
  'connection-lost',
  // Neither does what happened to this process right before it would have sent.
  'stopped',
]);

/** Whether the API was away or out of order, which says nothing about the change. */
function isOutage(error: unknown): boolean {
  if (!SeriesError.is(error)) return false;
  const { reason, httpStatus, cause } = error as {
    reason?: unknown;
    httpStatus?: unknown;
    cause?: unknown;
  };
  if (reason === 'could-not-read') return isOutage(cause);
  // A gateway tells of an outage; a plain 500 may well be about this one ticket.
  if (reason === 'server-error') return httpStatus !== 500;
  return reasons.has(reason);
}

/** What an error says about the key: one whose requests are all left without an answer hangs. */
export function faultsOf(error: unknown): {
  readonly isOutage: boolean;
  readonly keyFault?: KeyFault | undefined;
} {
  return { isOutage: isOutage(error), ...(isTimeout(error) ? { keyFault: 'silent' } : {}) };
}

function isTimeout(error: unknown): boolean {
  if (!SeriesError.is(error)) return false;
  const { reason, cause } = error as { readonly reason?: unknown; readonly cause?: unknown };
  return reason === 'timeout' || (reason === 'could-not-read' && isTimeout(cause));
}
