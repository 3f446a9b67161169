// One request in, what becomes of its answer out. A request passes these stations, in this order:
//
//   1. arrival    The clock is read, the key gets its label, the route is looked up, and the fault
//                 schedule chooses at most one fault. A fault `at: 'arrival'` ends it here: the
//                 body is not read, nothing is counted.
//   2. reading    The body is read, then `delayMs.beforeCounting` passes.
//   3. admission  The limit of the key counts the request, or refuses it with a 429. A fault
//                 `at: 'checks'` that does not count (an injected 429) answers before it.
//   4. checks     A fault `at: 'checks'` answers in their place. Otherwise key, address, workspace,
//                 body and ticket are checked, and the route makes an answer. A fault `at: 'ticket'`
//                 lets somebody else change the ticket: right before a write, right after a read.
//   5. change     What the answer says is applied to the ticket, unless a fault `at: 'change'`
//                 struck.
//   6. answer     A fault `at: 'answer'` alters the answer, or how it is sent.
//   7. record     What happened is written down.
//   8. sending    `delayMs.beforeAnswering` passes, then the caller sends what is returned: over
//                 HTTP (`http/send.ts`) or as a `Response` (`fetch/to-response.ts`).
//
// Invariants:
//
// - Stations 3 to 7 are one moment: nothing in them waits. So requests are counted, applied and
//   recorded in the same order, and the record is the order of what they did to the tickets.
// - Every request is recorded once, also one that never gets an answer. Only `/openapi.json` is
//   not part of the API, and leaves no trace.
// - The record says what is true, whatever the client was told: `verdict`, `counted`, `applied`,
//   `from` and `to` come from stations 3 to 5, `status` is what is sent (0: nothing).
// - A request refused by the limit takes no place and changes nothing.
// - A scheduled fault that has nothing to strike (the limit refused the request, a write was
//   refused, a read changes nothing) is given back, and waits for the next request.
// - A counted request releases its place once the answer is due, even if the waiting fails.
// - Nothing here knows HTTP, `fetch` or a timer: time comes from `now` and `wait`.
import { type Answer, encodeAnswer, type EncodedAnswer } from '../api/answer.ts';
import { type Body, parseBody } from '../api/body.ts';
import { findRoute } from '../api/routes.ts';
import type { Damage } from '../faults/damage.ts';
import type { FaultEffect } from '../faults/fault-effects.ts';
import type { FaultKind } from '../faults/fault-kinds.ts';
import type { ChosenFault, FaultSchedule } from '../faults/fault-schedule.ts';
import type { Keys } from '../limits/keys.ts';
import type { RecordedRequest, RequestRecord } from '../record/request-record.ts';
import type { Tickets } from '../tickets/tickets.ts';
import type { Checks, ReadRequest } from './checks.ts';

/** A request, however it came. */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly header: (name: string) => string | null | undefined;
  /** Never rejects: a client that hangs up halfway has sent nothing that could be acted on. */
  readonly readText: () => Promise<string>;
}

/** How an answer is sent, if it is. */
export type SentAnswer =
  /** No answer: the connection is refused, reset, or stays open in silence. */
  | { readonly how: 'refused' | 'reset' | 'silent' }
  /** An answer: as it should be, or damaged. */
  | { readonly how: 'whole' | Damage; readonly answer: EncodedAnswer };

export interface RequestHandlerParts {
  readonly now: () => number;
  readonly dateOf: (at: number) => Date;
  readonly wait: { readonly beforeCounting: Wait; readonly beforeAnswering: Wait };
  readonly keys: Keys;
  readonly faults: FaultSchedule;
  readonly effects: Readonly<Record<FaultKind, FaultEffect>>;
  readonly checks: Checks;
  /** The description of the API. */
  readonly describe: () => object;
  readonly tickets: Tickets;
  readonly record: RequestRecord;
}

type Wait = () => Promise<void>;

/** What a request got, and what it truly did. */
type Handled = Pick<
  RecordedRequest,
  'counted' | 'applied' | 'from' | 'to' | 'verdict' | 'fault'
> & {
  readonly answer: Omit<Answer, 'verdict'>;
  readonly how: 'whole' | 'silent' | 'reset' | Damage;
};

export function createRequestHandler(parts: RequestHandlerParts) {
  const { now, dateOf, wait, describe, keys, faults, effects, tickets, record } = parts;
  let seen = 0;

  return async ({ method, target, header, readText }: IncomingRequest): Promise<SentAnswer> => {
    if (method === 'GET' && target === '/openapi.json') {
      return { how: 'whole', answer: encodeAnswer({ status: 200, body: describe() }) };
    }
    const at = now();
    const key = keys.identify(header('apikey') || header('x-api-key'));
    const match = findRoute(method, target);
    const { ticketId } = match;
    const base = {
      at,
      key: key?.label,
      method,
      path: target,
      ticketId,
      call: match.kind === 'found' ? match.route.description.operationId : undefined,
      headers: recordedHeaders(header),
    };
    record.arrive(key?.label, at);
    seen += 1;
    const chosen = faults.choose({ method, path: target, ticketId, key: key?.label, number: seen });
    const effect = chosen && effects[chosen.kind];
    if (effect?.at === 'arrival') {
      record.add({
        ...base,
        body: undefined,
        countedAt: at,
        fault: chosen?.kind,
        verdict: 'not-checked',
        status: 0,
        counted: false,
        applied: false,
        from: ticketId === undefined ? undefined : tickets.get(ticketId)?.status,
        to: undefined,
      });
      return { how: effect.how };
    }

    const body = parseBody(await readText());
    await wait.beforeCounting();
    const countedAt = now();
    const request = { key, target, match, body, countedAt };
    const { answer, how, ...facts } = checkAndApply(parts, request, chosen);
    const isAnswered = how !== 'silent' && how !== 'reset';
    const status = isAnswered ? answer.status : 0;
    record.add({ ...base, body: recordedBody(body), countedAt, ...facts, status });

    try {
      await wait.beforeAnswering();
    } finally {
      if (facts.counted) key?.limit?.release?.();
    }
    if (!isAnswered) return { how };
    // As a server writes it. Its clock is that of the tickets' dates, over HTTP too.
    const headers = { date: dateOf(now()).toUTCString(), ...answer.headers };
    return { how, answer: encodeAnswer({ ...answer, headers }) };
  };
}

/** Stations 3 to 6, with the fault that was chosen for the request. Nothing in here may wait. */
function checkAndApply(
  { checks, tickets, effects, dateOf }: RequestHandlerParts,
  request: ReadRequest,
  chosen: ChosenFault | undefined,
): Handled {
  const { key, match, body, target, countedAt } = request;
  const effect = chosen && effects[chosen.kind];
  const ticket = match.ticketId === undefined ? undefined : tickets.get(match.ticketId);
  const to = match.kind === 'found' ? match.route.asksFor?.(body) : undefined;
  const isRead = match.kind !== 'found' || match.route.method === 'GET';
  const facts = { counted: key !== undefined, applied: false, from: ticket?.status, to };
  const fault = chosen?.kind;
  const withoutFault = (answer: Answer, changed: Partial<Handled>): Handled => {
    chosen?.giveBack();
    return {
      ...facts,
      verdict: answer.verdict,
      fault: undefined,
      answer,
      how: 'whole',
      ...changed,
    };
  };
  const injected = (from: (FaultEffect & { at: 'checks' })['answer']): Handled => ({
    ...facts,
    verdict: 'not-checked',
    fault,
    ...(from === 'silent'
      ? { answer: { status: 0 }, how: 'silent' }
      : { answer: from({ now: dateOf(countedAt), target }), how: 'whole' }),
  });

  if (effect?.at === 'checks' && !effect.counts) {
    return { ...injected(effect.answer), counted: false };
  }
  const refusal = checks.count(request);
  if (refusal !== undefined) return withoutFault(refusal, { counted: false });
  if (effect?.at === 'checks') return injected(effect.answer);

  const act = effect?.at === 'ticket' && ticket ? effect.act : undefined;
  if (ticket !== undefined && !isRead) act?.({ ticket, tickets, to });
  const answer = checks.answer(request);
  if (ticket !== undefined && isRead) act?.({ ticket, tickets, to });
  const hasStruck = effect === undefined || canStrike(effect, answer, act !== undefined);
  const applied = answer.apply !== undefined && !(hasStruck && effect?.at === 'change');
  if (applied) answer.apply?.();
  if (!hasStruck) return withoutFault(answer, { applied });

  const { alter, how = 'whole' } = effect?.at === 'answer' ? effect : {};
  const sent = alter?.(answer) ?? answer;
  return { ...facts, applied, verdict: answer.verdict, fault, answer: sent, how };
}

function canStrike(effect: FaultEffect, answer: Answer, hasActed: boolean): boolean {
  switch (effect.at) {
    case 'answer':
      return answer.verdict === 'ok';
    case 'change':
      return answer.apply !== undefined;
    case 'ticket':
      return hasActed;
    default:
      return true;
  }
}

const recordedCharacters = 4096;

// The record shows what a person wants to see: the value if it is small, else where it begins.
function recordedBody({ text, json }: Body): unknown {
  if (text.length > recordedCharacters) return `${text.slice(0, recordedCharacters)}…`;
  if (json !== undefined) return json;
  return text === '' ? undefined : text;
}

function recordedHeaders(header: IncomingRequest['header']): RecordedRequest['headers'] {
  const accept = header('accept');
  const contentType = header('content-type');
  return {
    ...(accept ? { accept } : {}),
    ...(contentType ? { 'content-type': contentType } : {}),
  };
}
