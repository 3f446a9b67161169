import type { LeaseAnswer } from './lease.ts';
import { windowMs } from './slots.ts';

// A server that asks for an hour of silence is mistaken. We come back sooner and ask again.
const longestWaitMs = 60_000;

/**
 * Reads a `Retry-After` header: seconds, also with a fraction, or an HTTP date. The API's docs don't
 * mention it, so anything else counts as absent. Gives what the server asks for; `boundedWaitMs` what
 * we grant.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  const waitMs = seconds(text) ?? untilDate(text, headers.get('date'), nowMs);
  return waitMs === undefined ? undefined : Math.min(Math.max(0, waitMs), Number.MAX_SAFE_INTEGER);
}

/** A proxy may have added a header of its own: the longest wait satisfies both. */
function seconds(text: string): number | undefined {
  const parts = text.split(/\s*,\s*/);
  if (!parts.every((part) => /^\d+(\.\d+)?$/.test(part))) return undefined;
  return Math.max(...parts.map(Number)) * 1000;
}

/** The date is by the server's clock, so it is compared with the server's `Date` where there is one. */
function untilDate(text: string, date: string | null, nowMs: number): number | undefined {
  const until = httpDate(text);
  return until === undefined ? undefined : until - (httpDate(date?.trim() ?? '') ?? nowMs);
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

// RFC 9110 has recipients accept two old forms as well.
const dateForms = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/** `Date.parse` alone would accept almost anything, and read the oldest form as local time. */
function httpDate(text: string): number | undefined {
  if (!dateForms.some((form) => form.test(text))) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
