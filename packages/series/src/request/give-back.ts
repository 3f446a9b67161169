import { tell } from '@ticket-lifecycle/internal/tell';
import type { Lease, LeaseAnswer } from '../limiter/lease.ts';
import type { Evidence } from './evidence.ts';

/** A limiter that fails must not hide how a call ended. */
export function giveBack(lease: Lease, answer: LeaseAnswer): void {
  // One on a shared store may return a promise.
  tell(() => lease.release(answer));
}

/** Tells the limiter when the server can have counted the request. */
export function leaseAnswer(evidence: Evidence, pathMs?: number): LeaseAnswer {
  switch (evidence.kind) {
    case 'limited':
      return { ...evidence, pathMs };
    case 'not-sent':
      return { kind: evidence.mayBeCounted === true ? 'silent' : 'not-sent' };
    case 'unknown':
      // Whether the change was made is in doubt, and not that the key has to pause.
      if (evidence.status === 429) {
        return { kind: 'limited', retryAfterMs: evidence.retryAfterMs, pathMs };
      }
      return evidence.status === undefined ? { kind: 'silent' } : { kind: 'answered', pathMs };
    default:
      return { kind: 'answered', pathMs };
  }
}
