// A server that asks for an hour of silence is mistaken or broken; we come back and ask again.
const longestWaitMs = 60_000;

/**
 * Reads a `Retry-After` header: seconds or an HTTP date. Junk counts as absent, since the API's
 * docs say nothing of this header, and an absurd wait is capped at a minute.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  const until = httpDate(text);
  // A date is the server's, so it is measured against the server's own clock where that is told.
  const waitMs = /^\d+$/.test(text)
    ? Number(text) * 1000
    : until !== undefined
      ? until - (httpDate(headers.get('date') ?? '') ?? nowMs)
      : undefined;
  return waitMs === undefined ? undefined : boundedWaitMs(waitMs);
}

/** Keeps a wait within reason, whoever asked for it. */
export function boundedWaitMs(waitMs: number): number {
  return waitMs > 0 ? Math.min(waitMs, longestWaitMs) : 0;
}

/** `Date.parse` alone would take almost anything for a date. */
function httpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text))
    return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
