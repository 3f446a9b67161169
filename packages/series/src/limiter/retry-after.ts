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
  return until === undefined ? undefined : until - (httpDate(date) ?? nowMs);
}

/**
 * When a limit is over by the other headers that servers and gateways send with a 429, in none of
 * which the API's docs are firm: `RateLimit-Reset`, `X-RateLimit-Reset`, `RateLimit` as in
 * `"key";r=0;t=5`, and as in `limit=25, remaining=0, reset=5`, an older draft. In seconds, or as seconds or milliseconds since the epoch. Counts only where nothing remains.
 */
export function resetMs(headers: Headers, nowMs: number): number | undefined {
  const prefixes = ['ratelimit', 'x-ratelimit', 'x-rate-limit'];
  const left = prefixes.map((prefix) => headers.get(`${prefix}-remaining`)).find(isText) ?? '0';
  const ends = prefixes.map((prefix) => headers.get(`${prefix}-reset`)).filter(isText);
  if (/^\s*0+\s*$/.test(left)) {
    const waits = ends.map((text) => number(text)).filter((value) => value !== undefined);
    const waitsMs = waits.map((value) => untilReset(value, headers.get('date'), nowMs));
    if (waitsMs.length > 0) return Math.max(0, ...waitsMs);
  }
  const waitsMs = quotasOf(headers.get('ratelimit') ?? '').flatMap((quota) => {
    const until = parameter(quota, 't', 'reset');
    return parameter(quota, 'r', 'remaining') === 0 && until !== undefined ? [until * 1000] : [];
  });
  return waitsMs.length > 0 ? Math.min(Math.max(...waitsMs), Number.MAX_SAFE_INTEGER) : undefined;
}

/** Each with its parameters. In the older draft a comma stands between these, too. */
const quotasOf = (text: string): string[] => text.split(/,(?!\s*(?:remaining|reset)\s*=)/);

function parameter(quota: string, ...names: readonly string[]): number | undefined {
  const text = new RegExp(`[\\s;,](?:${names.join('|')})\\s*=\\s*(\\d+)`).exec(` ${quota}`)?.[1];
  return text === undefined ? undefined : Number(text);
}

// A wait of thirty years is a moment.
const firstMoment = 1e9;

function untilReset(value: number, date: string | null, nowMs: number): number {
  if (value < firstMoment) return value * 1000;
  const untilMs = value < firstMoment * 1000 ? value * 1000 : value;
  return untilMs - (httpDate(date) ?? nowMs);
}

const isText = (text: string | null): text is string => text !== null;

const number = (text: string): number | undefined =>
  /^\d{1,15}(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;

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

/**
 * The moment of a header such as `Date`. `Date.parse` alone would accept almost anything, and read the
 * oldest form as local time.
 */
export function httpDate(header: string | null): number | undefined {
  const text = header?.trim() ?? '';
  if (!dateForms.some((form) => form.test(text))) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
