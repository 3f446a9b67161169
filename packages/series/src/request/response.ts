import * as z from 'zod/mini';
import type { Evidence } from './evidence.ts';
import { tidy } from './redact.ts';
import type { RefusalCode } from '../errors.ts';
import type { KeyRing } from './api-key.ts';
import { retryAfterMs } from '../limiter/retry-after.ts';

// A ticket with a long conversation has some hundred kilobytes.
const mostBytes = 8 * 1024 * 1024;

/** What we use of a response. Everything else is ignored: the API may grow. */
const answerSchema = z.object({
  success: z.optional(z.unknown()),
  data: z.catch(
    z.optional(z.object({ message: z.catch(z.optional(z.string()), undefined) })),
    undefined,
  ),
  error: z.optional(z.unknown()),
});

const errorSchema = z.object({ message: z.string() });

/** What reading a response needs. */
export interface ResponseContext {
  readonly keys: KeyRing;
  readonly nowMs: number;
  /** Ends the reading; what has come by then counts. */
  readonly signal: AbortSignal;
}

/** Reads a response to its end, and returns what it proves. Never throws. */
export async function readResponse(
  response: Response,
  { keys, nowMs, signal }: ResponseContext,
): Promise<Evidence> {
  const { status, headers } = response;
  if (status === 429) {
    discard(response);
    return { kind: 'limited', retryAfterMs: retryAfterMs(headers, nowMs) };
  }
  // A browser shows a redirect that it must not follow as status 0.
  if (status === 0 || (status >= 300 && status < 400)) {
    discard(response);
    return { kind: 'unknown', reason: 'redirect', status };
  }
  const { text, isCut } = await readText(response, signal);
  if (status >= 200 && status < 300) return readSuccess(response, text, isCut, keys);

  const serverMessage = messageIn(parse(text), keys);
  return status >= 400 && status < 500 && status !== 408
    ? { kind: 'refused', status, code: refusalCode(status, serverMessage), serverMessage }
    : { kind: 'unknown', reason: 'server-error', status, serverMessage };
}

function readSuccess(
  { status, headers }: Response,
  text: string,
  isCut: boolean,
  keys: KeyRing,
): Evidence {
  // Several caches in a row may have written an age each.
  const isCached = Number.parseFloat(headers.get('age') ?? '') > 0;
  const body = parse(text);
  const answer = answerSchema.safeParse(body);
  if (answer.success && saysSuccess(answer.data)) {
    return {
      kind: 'applied',
      status,
      isCached,
      body,
      message: tidied(answer.data.data?.message, keys),
      answer: 'complete',
    };
  }
  // A 200 that says otherwise contradicts itself; only the ticket can tell.
  if (answer.success || /"success"\s*:\s*false|^\s*\{\s*"error"/.test(text)) {
    return {
      kind: 'unknown',
      reason: 'contradiction',
      status,
      serverMessage: messageIn(body, keys),
    };
  }
  const unread = {
    kind: 'applied',
    status,
    isCached,
    body: undefined,
    message: undefined,
  } as const;
  // An empty body, or the beginning of a JSON object, is the API's own response, cut off. Anything
  // else, such as an HTML page (even if only its type arrived), is from a proxy that may not have
  // passed the request on.
  const isPage = /\bhtml\b/i.test(headers.get('content-type') ?? '');
  if (text.trim() === '' && !isPage) return { ...unread, answer: isCut ? 'cut' : 'empty' };
  return isCut && text.trimStart().startsWith('{') && !isPage
    ? { ...unread, answer: 'cut' }
    : { kind: 'unknown', reason: 'malformed-answer', status };
}

/** Whether the response claims success. The API may leave `success` out one day. */
function saysSuccess({ success = true, error }: z.infer<typeof answerSchema>): boolean {
  return success === true && (error === undefined || error === null);
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

function messageIn(body: unknown, keys: KeyRing): string | undefined {
  const { data } = errorSchema.safeParse(answerSchema.safeParse(body).data?.error);
  return tidied(data?.message, keys);
}

const tidied = (message: string | undefined, keys: KeyRing): string | undefined =>
  message === undefined ? undefined : tidy(message, keys);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readText(
  { body }: Response,
  signal: AbortSignal,
): Promise<{ text: string; isCut: boolean }> {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  const stop = () => void reader?.cancel().catch(() => {});
  signal.addEventListener('abort', stop);
  let text = '';
  let bytes = 0;
  try {
    for (;;) {
      const chunk = await reader?.read();
      if (chunk?.value === undefined) {
        return { text: text + decoder.decode(), isCut: signal.aborted };
      }
      bytes += chunk.value.byteLength;
      text += decoder.decode(chunk.value, { stream: true });
      if (bytes > mostBytes) {
        stop();
        return { text, isCut: true };
      }
    }
  } catch {
    return { text, isCut: true };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Frees the connection without reading the body, and without waiting for that. */
function discard(response: Response): void {
  void response.body?.cancel().catch(() => {});
}
