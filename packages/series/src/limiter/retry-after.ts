import type { LeaseAnswer } from './lease.ts';
import { windowMs } from './slots.ts';

// A server that asks for an hour of silence is mistaken. We come back sooner and ask again.
const longestWaitMs = 60_000;

/**
 * Reads a `Retry-After` header: seconds or an HTTP date. The API's docs don't mention it, so
 * anything else counts as absent. Gives what the server asks for; `boundedWaitMs` what we grant.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  const until = httpDate(text);
  // The date is by the server's clock, so it is compared with the server's `Date` where there is one.
  const waitMs = /^\d+$/.test(text)
    ? Number(text) * 1000
    : until !== undefined
      ? until - (httpDate(headers.get('date') ?? '') ?? nowMs)
      : undefined;
  return waitMs === undefined ? undefined : Math.max(0, waitMs);
}

/** Milliseconds that the whole key pauses: requests that wait would be refused, too. */
export function pauseMs(answer: LeaseAnswer): number {
  if (answer.kind !== 'limited') return 0;
  return Math.max(boundedWaitMs(answer.retryAfterMs ?? 0), windowMs);
}

/** Keeps a wait within reason, whoever asked for it. */
export function boundedWaitMs(waitMs: number): number {
  return waitMs > 0 ? Math.min(waitMs, longestWaitMs) : 0;
}

/** `Date.parse` alone would accept almost anything. */
function httpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text))
    return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
