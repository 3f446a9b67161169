import { type Answer, failure } from '../api/answer.ts';
import type { DamagedDelivery } from './damage.ts';
import type { FaultKind } from './fault-kinds.ts';
import { type InjectedRetryAfter, limited } from '../api/too-many-requests.ts';
import { notEnabled, notSubscribed } from '../engine/checks.ts';
import type { SandboxOptions } from '../options.ts';
import { type Ticket, type TicketStatus, ticketStatuses } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';

/** At which point of a request a fault strikes, and what it does there. */
export type FaultEffect =
  /** Before the body is read: the request is neither counted nor judged. */
  | { readonly at: 'arrival'; readonly how: 'refused' | 'reset' }
  /** Instead of a judgement. `counts`: it takes its place in the limit all the same. */
  | {
      readonly at: 'judgement';
      readonly counts: boolean;
      readonly answer:
        | ((request: { readonly now: Date; readonly target: string }) => Answer)
        | 'silent';
    }
  /** After the request has been carried out. */
  | {
      readonly at: 'answer';
      readonly how?: 'reset' | 'silent' | DamagedDelivery;
      readonly alter?: (answer: Answer) => Answer;
    }
  /** Instead of carrying the request out. */
  | { readonly at: 'effect' }
  /** Beside the request: somebody else does something to the ticket. */
  | { readonly at: 'ticket'; readonly act: (scene: Scene) => void };

/** The ticket that a request is about, and the status that it asks for, if any. */
export interface Scene {
  readonly ticket: Ticket;
  readonly tickets: Tickets;
  readonly to: TicketStatus | undefined;
}

/** The options that decide how faults look. */
export type FaultLooks = Pick<SandboxOptions, 'limitedBody' | 'serverErrorBody' | 'redirectTo'>;

const colleague = { staffUserId: 2 };
const htmlPage = '<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>';
const html = { 'content-type': 'text/html; charset=utf-8' };

export function createFaultEffects({
  limitedBody = 'json',
  serverErrorBody = 'json',
  redirectTo = 'https://elsewhere.invalid',
}: FaultLooks): Readonly<Record<FaultKind, FaultEffect>> {
  const instead = (answer: Omit<Answer, 'verdict'>): FaultEffect => ({
    at: 'judgement',
    counts: true,
    answer: () => ({ verdict: 'not-judged', ...answer }),
  });
  const refusal = (status: number, message: string) =>
    instead({ status, body: failure(status, message) });
  const tooMany = (retryAfter: InjectedRetryAfter): FaultEffect => ({
    at: 'judgement',
    counts: false,
    answer: ({ now }) => ({
      ...limited({ retryAfter, limitedBody, retryInMs: 1000, now }),
      verdict: 'not-judged',
    }),
  });
  const serverError = (status: number, message: string) => {
    const body = { json: failure(status, message), text: message, none: undefined }[
      serverErrorBody
    ];
    return body === undefined ? { status } : { status, body };
  };
  const after = (status: number, message: string): FaultEffect => ({
    at: 'answer',
    alter: ({ verdict }) => ({ verdict, ...serverError(status, message) }),
  });
  const before = (status: number, message: string) => instead(serverError(status, message));

  return {
    'connection-refused': { at: 'arrival', how: 'refused' },
    'reset-before-reading': { at: 'arrival', how: 'reset' },
    'reset-after-applying': { at: 'answer', how: 'reset' },
    'lost-before-applying': { at: 'judgement', counts: true, answer: 'silent' },
    'lost-after-applying': { at: 'answer', how: 'silent' },
    'cut-body': { at: 'answer', how: 'cut' },
    'stalled-body': { at: 'answer', how: 'stalled' },
    'slow-loris': { at: 'answer', how: 'dribbled' },
    'gigantic-body': { at: 'answer', how: 'gigantic' },
    '429-with-seconds': tooMany('seconds'),
    '429-with-date': tooMany('date'),
    '429-with-junk': tooMany('junk'),
    '429-without-retry-after': tooMany('none'),
    '401': refusal(401, 'Invalid API key'),
    '403-subscription': refusal(403, notSubscribed),
    '403-module': refusal(403, notEnabled),
    '403-unheard-of': refusal(403, 'Your workspace is under review'),
    '404': refusal(404, 'Ticket not found'),
    '408': refusal(408, 'Request Timeout'),
    '409': refusal(409, 'The ticket is being changed by somebody else'),
    '500-before-applying': before(500, 'Internal Server Error'),
    '500-after-applying': after(500, 'Internal Server Error'),
    '502-before-applying': before(502, 'Bad Gateway'),
    '502-after-applying': after(502, 'Bad Gateway'),
    '503-before-applying': before(503, 'Service Unavailable'),
    '503-after-applying': after(503, 'Service Unavailable'),
    '504-before-applying': before(504, 'Gateway Timeout'),
    '504-after-applying': after(504, 'Gateway Timeout'),
    'html-error-page': instead({ status: 502, body: htmlPage, headers: html }),
    'empty-200': { at: 'answer', alter: ({ verdict, status }) => ({ verdict, status }) },
    'success-false': instead({ status: 200, body: failure(200, 'Something went wrong') }),
    'changed-nothing': { at: 'effect' },
    'wrong-content-type': { at: 'answer', alter: (answer) => ({ ...answer, headers: html }) },
    'redirect-elsewhere': {
      at: 'judgement',
      counts: true,
      answer: ({ target }) => ({
        verdict: 'not-judged',
        status: 307,
        headers: { location: redirectTo.replace(/\/$/, '') + target },
      }),
    },
    'changed-meanwhile': {
      at: 'ticket',
      act: ({ ticket, tickets, to }) =>
        void tickets.setStatus(ticket.ticketId, another(ticket.status, to), colleague),
    },
    'claimed-by-colleague': {
      at: 'ticket',
      act: ({ ticket, tickets }) => void tickets.claim(ticket.ticketId, colleague),
    },
    'deleted-meanwhile': {
      at: 'ticket',
      act: ({ ticket, tickets }) => void tickets.delete(ticket.ticketId),
    },
  };
}

// What a colleague would set next, as long as it is not what the request asks for anyway.
function another(status: TicketStatus, to: TicketStatus | undefined): TicketStatus {
  const at = ticketStatuses.indexOf(status);
  const others = [...ticketStatuses.slice(at + 1), ...ticketStatuses.slice(0, at)];
  return others.find((other) => other !== to) ?? status;
}
