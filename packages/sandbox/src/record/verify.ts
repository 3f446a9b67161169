import type { TicketStatus } from '../tickets/ticket.ts';
import { createPeak } from './peak.ts';
import type { RecordedRequest } from './request-record.ts';

/**
 * What the client has promised beyond what every client of this API promises. The legal changes
 * come in as data: the sandbox itself refuses no order of statuses.
 *
 * @example
 * ```ts
 * import { createSandbox, type VerifyOptions } from '@ticket-lifecycle/sandbox';
 *
 * const promised: VerifyOptions = {
 *   allowed: [['open', 'in-progress'], ['in-progress', 'resolved']],
 *   intended: { 'TICKET-1': ['in-progress', 'resolved'] },
 * };
 * console.log(createSandbox().verify(promised)); // []
 * ```
 */
export interface VerifyOptions {
  /** Every status change that may be sent, as `[from, to]`. @defaultValue all of them */
  readonly allowed?: readonly (readonly [from: TicketStatus, to: TicketStatus])[] | undefined;
  /** For a ticket, the statuses that it was meant to take, in order. @defaultValue unknown */
  readonly intended?: Readonly<Record<string, readonly TicketStatus[]>> | undefined;
  /** @defaultValue that of the sandbox */
  readonly requestsPerSecond?: number | undefined;
}

/**
 * A promise that a request has broken:
 *
 * - `over-the-limit`: the limit refused it, or its key sent more than `requestsPerSecond` in the
 *   second that it ends, counted at the server
 * - `out-of-order`: it overtook another write of its ticket on the way, or was applied against the
 *   order that was intended
 * - `duplicated`: it sets the status that an earlier write of the API has put the ticket in; a claim
 *   does something else, and a request that the API refuses does nothing
 * - `sent-though-illegal`: it asks for a change that is not allowed, or that the API does not know
 *
 * A change that somebody made behind the client's back counts for where the ticket stood, except
 * when it came by a fault right before the write.
 *
 * @example
 * ```ts
 * import { type BrokenPromise, createSandbox } from '@ticket-lifecycle/sandbox';
 *
 * const { fetch, verify } = createSandbox({ requestsPerSecond: 1 });
 * for (const id of [1, 2]) await fetch(`/tickets/get/${id}`, { headers: { apikey: 'any' } });
 * const broken: BrokenPromise[] = verify();
 * console.log(broken.map(({ kind }) => kind)); // [ 'over-the-limit' ]
 * ```
 */
export interface BrokenPromise {
  readonly kind: 'over-the-limit' | 'out-of-order' | 'duplicated' | 'sent-though-illegal';
  readonly message: string;
  /** The request that broke it, as it stands in the record. */
  readonly request: RecordedRequest;
}

type Check = (request: RecordedRequest) => string | undefined;

export function verify(
  requests: readonly RecordedRequest[],
  usual: number,
  { requestsPerSecond = usual, intended = {}, allowed }: VerifyOptions,
): BrokenPromise[] {
  const checks: readonly (readonly [BrokenPromise['kind'], Check])[] = [
    ['over-the-limit', overTheLimit(requestsPerSecond)],
    ['out-of-order', overtaking()],
    ['out-of-order', againstIntention(intended)],
    ['duplicated', duplication()],
    ['sent-though-illegal', illegality(allowed)],
  ];
  return requests.flatMap((request) =>
    checks.flatMap(([kind, check]) => {
      const message = check(request);
      return message === undefined ? [] : [{ kind, message, request }];
    }),
  );
}

function overTheLimit(requestsPerSecond: number): Check {
  const seconds = new Map<string, ReturnType<typeof createPeak>>();
  return ({ key, counted, countedAt, verdict }) => {
    const isLimited = verdict === 'limited';
    if (key === undefined || !(counted || isLimited)) return undefined;
    const second = seconds.get(key) ?? createPeak();
    seconds.set(key, second);
    second.add(countedAt);
    if (second.current > requestsPerSecond) {
      return `${key} made ${second.current} requests in one second; ${requestsPerSecond} are allowed.`;
    }
    return isLimited ? `The limit refused a request of ${key}.` : undefined;
  };
}

function overtaking(): Check {
  const latest = new Map<string, number>();
  return (request) => {
    const { ticketId, at } = request;
    if (!isWrite(request) || !isChecked(request) || ticketId === undefined) return undefined;
    const before = latest.get(ticketId) ?? -Infinity;
    latest.set(ticketId, Math.max(at, before));
    return at < before
      ? `A write of ${ticketId} was overtaken by another that was sent after it.`
      : undefined;
  };
}

function againstIntention(intended: Readonly<Record<string, readonly TicketStatus[]>>): Check {
  const reached = new Map<string, number>();
  return ({ call, applied, ticketId = '', to }) => {
    const order = Object.hasOwn(intended, ticketId) ? intended[ticketId] : undefined;
    if (call !== 'changeStatus' || !applied || order === undefined || to === undefined) {
      return undefined;
    }
    const done = reached.get(ticketId) ?? 0;
    // The same once more is a duplicate, not another order.
    if (done > 0 && order[done - 1] === to) return undefined;
    const step = order.indexOf(to, done);
    if (step === -1) {
      return `${ticketId} was set to ${to} out of turn; intended was ${order.join(', ')}.`;
    }
    reached.set(ticketId, step + 1);
    return undefined;
  };
}

function duplication(): Check {
  const written = new Map<string, TicketStatus>();
  return (request) => {
    const { call, verdict, ticketId, from, to, applied } = request;
    if (!isWrite(request) || ticketId === undefined || to === undefined) return undefined;
    // The API claims no ticket twice, and carries out nothing that it refuses.
    const isSent = call === 'changeStatus' && !isRefused(verdict);
    const isAgain = isSent && written.get(ticketId) === to && from === to;
    if (applied) written.set(ticketId, to);
    return isAgain ? `${ticketId} was sent to ${to} again, where a write had put it.` : undefined;
  };
}

function illegality(allowed: VerifyOptions['allowed']): Check {
  const isDuplicate = duplication();
  return (request) => {
    // Of a duplicate it is said already, and better.
    const again = isDuplicate(request) !== undefined;
    const { call, verdict, ticketId, from, to } = request;
    if (call !== 'changeStatus' || again) return undefined;
    if (verdict === 'bad-request') return `A change of ${ticketId} was sent that the API refuses.`;
    if (from === undefined || to === undefined || allowed === undefined) return undefined;
    return allowed.some(([one, other]) => one === from && other === to)
      ? undefined
      : `${ticketId} was sent from ${from} to ${to}, which is not allowed.`;
  };
}

function isWrite({ call }: RecordedRequest): boolean {
  return call === 'changeStatus' || call === 'claimTicket';
}

// A fault and the limit refuse by chance: the next request gets through.
const isRefused = (verdict: RecordedRequest['verdict']): boolean =>
  !['ok', 'not-checked', 'limited'].includes(verdict);

// What was refused before it was checked has no place in an order.
function isChecked({ verdict }: RecordedRequest): boolean {
  return verdict !== 'not-checked' && verdict !== 'limited';
}
