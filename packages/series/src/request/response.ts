import type { Evidence } from './evidence.ts';
import { tidy } from './redact.ts';
import type { RefusalCode, ResponseInfo, UnknownReason } from '../errors.ts';
import type { KeyRing } from './api-key.ts';
import { affirms, contradicts, type AskedChange } from './contradiction.ts';
import { fieldOf, parseAnswer } from './parse-answer.ts';
import { isCached } from './cache-headers.ts';
import { resetMs, retryAfterMs } from '../limiter/retry-after.ts';

// A ticket with a long conversation has some hundred kilobytes.
const mostBytes = 8 * 1024 * 1024;
// The key pauses once a 429 is read, so one whose body does not come is taken by its status. Not at
// once: a body that speaks of success makes it a doubt.
const limitedBodyMs = 1000;

/** What reading a response needs. */
export interface ResponseContext {
  readonly keys: KeyRing;
  /** What a change asked for. A read has none. */
  readonly change: AskedChange | undefined;
  readonly nowMs: number;
  /** Whether its date is older than its request. */
  readonly isOld: boolean;
  /** Ends the reading; what has come by then counts. */
  readonly signal: AbortSignal;
}

/** Reads a response to its end, and returns what it proves. Never throws. */
export async function readResponse(
  response: Response,
  context: ResponseContext,
): Promise<Evidence> {
  return { ...(await judge(response, context)), response: infoOf(response, context.keys) };
}

// What servers and proxies call the header, the most usual first. The vendor's docs name none.
const requestIdHeaders = ['x-request-id', 'request-id', 'x-correlation-id', 'cf-ray'];

/** What may be shown of a response besides its body. */
function infoOf({ status, headers: sent }: Response, keys: KeyRing): ResponseInfo {
  const headers = new Headers();
  for (const [name, value] of sent) {
    // A name with the key in it can't be cleaned: it would be none any more.
    const isShown = name !== 'set-cookie' && keys.redact(name) === name;
    if (isShown) headers.append(name, keys.redact(value));
  }
  const requestId = requestIdHeaders.map((name) => headers.get(name)).find((id) => id !== null);
  return { httpStatus: status, headers, requestId: requestId ?? undefined };
}

// The server, or a proxy, has stopped waiting for the other side: what became of it is not said.
const gaveUp: readonly number[] = [408, 499];

async function judge(response: Response, context: ResponseContext): Promise<Evidence> {
  const { keys, change, nowMs, isOld, signal } = context;
  const { status, headers, redirected } = response;
  const isLimited = status === 429;
  const pause = isLimited ? { retryAfterMs: pauseMs(headers, nowMs) } : {};
  // A read may be sent again whatever the answer says, and its key pauses.
  if (isLimited && change === undefined) {
    discard(response);
    return limited(headers, nowMs);
  }
  // A browser shows a redirect that it must not follow as status 0. Another fetch may have followed it.
  if (status === 0 || redirected || (status >= 300 && status < 400)) {
    discard(response);
    return {
      kind: 'unknown',
      reason: 'redirect',
      status,
      excerpt: targetOf(headers, keys),
      ...pause,
    };
  }
  // Also a refusal that a cache remembers was never the API's answer to this request.
  if (isOld || isCached(headers)) {
    discard(response);
    return { kind: 'unknown', reason: 'cached', status, ...pause };
  }
  const { text, cutBy } = await readText(
    response,
    isLimited ? AbortSignal.any([signal, AbortSignal.timeout(limitedBodyMs)]) : signal,
  );
  if (status >= 200 && status < 300) return readSuccess(response, text, cutBy, context);

  // Judged as it came, and only then cleaned: a key may occur in a documented message.
  const body = parseAnswer(text);
  const said = rawMessage(body);
  const serverMessage = tidied(said, keys);
  // Only an answer that does not contradict itself says that nothing was made.
  if (affirms(body) || (body === undefined && saysSuccess.test(text))) {
    return { kind: 'unknown', reason: 'contradiction', status, serverMessage, ...pause };
  }
  if (isLimited) return limited(headers, nowMs);
  return status >= 400 && status < 500 && !gaveUp.includes(status)
    ? { kind: 'refused', status, code: refusalCode(status, said), serverMessage }
    : {
        kind: 'unknown',
        reason: 'server-error',
        status,
        serverMessage,
        retryAfterMs: retryAfterMs(headers, nowMs),
      };
}

const limited = (headers: Headers, nowMs: number): Evidence => ({
  kind: 'limited',
  retryAfterMs: pauseMs(headers, nowMs),
});

const pauseMs = (headers: Headers, nowMs: number): number | undefined =>
  retryAfterMs(headers, nowMs) ?? resetMs(headers, nowMs);

// Of an answer that is cut, or that names a field twice.
const saysSuccess = /"success"\s*:\s*true/;

/** What a 2xx proves. A change counts as made only where the API says so in its documented form. */
function readSuccess(
  { status }: Response,
  text: string,
  cutBy: UnknownReason | undefined,
  { keys, change }: ResponseContext,
): Evidence {
  const body = cutBy === undefined ? parseAnswer(text) : undefined;
  const excerpt = excerptOf(text, keys);
  if (typeof body !== 'object' || body === null) {
    // The beginning of an answer may already say no.
    const saysNo = /"success"\s*:\s*false|^\s*\{\s*"error"/.test(text);
    const reason = saysNo ? 'contradiction' : (cutBy ?? 'malformed-answer');
    return { kind: 'unknown', reason, status, excerpt };
  }
  const [success, data, error] = ['success', 'data', 'error'].map((name) => fieldOf(body, name));
  const message = textOf(fieldOf(data, 'message'));
  const isNo = (success !== undefined && success !== true) || (error ?? undefined) !== undefined;
  if (isNo || (change !== undefined && contradicts(body, change))) {
    const serverMessage = tidied(rawMessage(body) ?? message, keys);
    return { kind: 'unknown', reason: 'contradiction', status, serverMessage };
  }
  // Whoever answers a change without the word was not the API. A ticket speaks for itself.
  if (change !== undefined && (success !== true || status !== 200)) {
    return { kind: 'unknown', reason: 'malformed-answer', status, excerpt };
  }
  return { kind: 'applied', status, body, excerpt, message: tidied(message, keys) };
}

/** Names a documented refusal, by its message where the status alone is not enough. */
function refusalCode(status: number, message = ''): RefusalCode {
  switch (status) {
    case 400:
      if (message.startsWith('Invalid status')) return 'invalid-status';
      if (message.startsWith('Ticket already claimed')) return 'already-claimed';
      return message.startsWith('Ticket is not claimed') ? 'not-claimed' : 'bad-request';
    case 401:
      return 'unauthorized';
    case 403:
      if (message.includes('Premium or Enterprise')) return 'subscription-required';
      return message.includes('not enabled') ? 'module-disabled' : 'forbidden';
    case 404:
      return message.startsWith('Ticket not found') ? 'ticket-not-found' : 'not-found';
    case 409:
      return 'conflict';
    default:
      return 'refused';
  }
}

/** What the server says is wrong, word for word. */
function rawMessage(body: unknown): string | undefined {
  return textOf(fieldOf(fieldOf(body, 'error'), 'message'));
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const tidied = (message: string | undefined, keys: KeyRing): string | undefined =>
  message === undefined ? undefined : tidy(message, keys);

/** Where a redirect points, without a query: it may hold anything. */
function targetOf(headers: Headers, keys: KeyRing): string | undefined {
  const [target = ''] = (headers.get('location') ?? '').split(/[?#]/);
  return target === '' ? undefined : tidy(target, keys);
}

const excerptLength = 100;

/** The beginning of an answer, enough to tell whose it is. */
function excerptOf(text: string, keys: KeyRing): string | undefined {
  const begin = tidy(text, keys).trim();
  const more = text.length > excerptLength ? '…' : '';
  return begin === '' ? undefined : `${begin.slice(0, excerptLength)}${more}`;
}

/** The text of an answer, and why it ended before its end, if it did. */
async function readText(
  { body }: Response,
  signal: AbortSignal,
): Promise<{ text: string; cutBy?: UnknownReason | undefined }> {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  const stop = () => void reader?.cancel().catch(() => {});
  signal.addEventListener('abort', stop);
  // A fetch that heeds no signal may come with an answer that nobody waits for.
  if (signal.aborted) stop();
  let text = '';
  let bytes = 0;
  try {
    for (;;) {
      const chunk = await reader?.read();
      if (chunk?.value === undefined) {
        return { text: text + decoder.decode(), cutBy: signal.aborted ? 'timeout' : undefined };
      }
      bytes += chunk.value.byteLength;
      text += decoder.decode(chunk.value, { stream: true });
      if (bytes > mostBytes) {
        stop();
        return { text, cutBy: 'malformed-answer' };
      }
    }
  } catch (error) {
    if (signal.aborted) return { text, cutBy: 'timeout' };
    return { text, cutBy: isGarbled(error) ? 'malformed-answer' : 'connection-lost' };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Whether it came, and could not be decompressed. */
function isGarbled(error: unknown): boolean {
  const { code } = Object((error as Partial<Error> | undefined)?.cause) as { code?: unknown };
  return /^(?:Z_|ZSTD_|ERR__ERROR_)/.test(String(code));
}

/** Frees the connection without reading the body, and without waiting for that. */
function discard(response: Response): void {
  void response.body?.cancel().catch(() => {});
}
