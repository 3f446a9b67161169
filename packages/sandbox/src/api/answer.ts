import * as z from 'zod';

export const statusOf = {
  'bad-request': 400,
  'no-key': 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  limited: 429,
} as const;

/** Why the API refuses a request. */
export type Refusal = keyof typeof statusOf;

/** What the checks found: `ok`, a refusal, or `not-checked` when a fault came first. */
export type RequestVerdict = 'ok' | Refusal | 'not-checked';

/**
 * The body of an answer whose body is not documented: the API's own error shape, a proxy's plain
 * text, or nothing.
 */
export type AnswerBody = 'json' | 'text' | 'none';

/** An answer of the API, before a fault changes it. */
export interface Answer {
  readonly verdict: RequestVerdict;
  readonly status: number;
  /** An object is sent as JSON, a string as plain text, unless `headers` say otherwise. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Carries out what the request asks of the ticket. Absent where it asks for nothing. */
  readonly apply?: () => void;
}

export const notSubscribed = 'Tickets module requires a Premium or Enterprise subscription';
export const notEnabled = 'Tickets module is not enabled for this workspace';

export const successOf = (data: z.ZodType) => z.object({ success: z.literal(true), data });

export const messageSchema = successOf(z.object({ message: z.string() }));

export const failureSchema = z.object({
  success: z.literal(false),
  error: z.object({ code: z.int(), message: z.string() }),
});

export function succeed(data: object, apply?: () => void): Answer {
  const answer = { verdict: 'ok', status: 200, body: { success: true, data } } as const;
  return apply === undefined ? answer : { ...answer, apply };
}

export function refuse(verdict: Refusal, message: string): Answer {
  return { verdict, ...fail(statusOf[verdict], message) };
}

/** The API's own shape of an error, or what the options put in its place. */
export function fail(
  status: number,
  message: string,
  form: AnswerBody = 'json',
): Pick<Answer, 'status' | 'body'> {
  if (form === 'none') return { status };
  const json: z.infer<typeof failureSchema> = { success: false, error: { code: status, message } };
  return { status, body: form === 'json' ? json : message };
}

/** An answer as it goes over the wire. */
export interface EncodedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();

export function encodeAnswer(answer: Omit<Answer, 'verdict'>): EncodedAnswer {
  const { status, body, headers = {} } = answer;
  if (body === undefined) return { status, headers, body: encoder.encode('') };
  const [type, text] =
    typeof body === 'string'
      ? ['text/plain;charset=UTF-8', body]
      : ['application/json', JSON.stringify(body)];
  return { status, headers: { 'content-type': type, ...headers }, body: encoder.encode(text) };
}
