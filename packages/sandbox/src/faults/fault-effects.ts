import { type Answer, type AnswerBody, fail, notEnabled, notSubscribed } from '../api/answer.ts';
import type { InjectedAnswer } from '../api/openapi.ts';
import { type TooManyRequests, tooManyRequests } from '../api/too-many-requests.ts';
import { type SandboxTicket, type TicketStatus, ticketStatuses } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';
import type { Damage } from './damage.ts';
import { type FaultKind, faultKinds, faultMeanings } from './fault-kinds.ts';

/** Where in the course of a request a fault strikes, and what it does there. */
export type FaultEffect =
  /** Before the body is read: the request is neither counted nor checked. */
  | { readonly at: 'arrival'; readonly how: 'refused' | 'reset' }
  /** Instead of the checks. `counts`: the request takes its place in the limit all the same. */
  | {
      readonly at: 'checks';
      readonly counts: boolean;
      readonly answer:
        | ((request: { readonly now: Date; readonly target: string }) => Omit<Answer, 'verdict'>)
        | 'silent';
    }
  /** Right before a write is checked, right after a read: somebody else changes the ticket. */
  | { readonly at: 'ticket'; readonly act: (request: RequestedTicket) => void }
  /** Instead of the change that the request asks for. */
  | { readonly at: 'change' }
  /** After the change: the answer is altered, damaged or lost. */
  | {
      readonly at: 'answer';
      readonly how?: 'reset' | 'silent' | Damage;
      readonly alter?: (answer: Answer) => Omit<Answer, 'verdict'>;
    };

/** The ticket that a request is about, and the status that it asks for, if any. */
export interface RequestedTicket {
  readonly ticket: SandboxTicket;
  readonly tickets: Tickets;
  readonly to: TicketStatus | undefined;
}

/** The options that decide what injected answers look like. */
export interface FaultAnswerOptions {
  readonly limitedBody?: AnswerBody | undefined;
  readonly serverErrorBody?: AnswerBody | undefined;
  readonly redirectTo?: string | undefined;
}

const colleague = { staffUserId: 2 };
const htmlPage = '<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>';
const html = { 'content-type': 'text/html; charset=utf-8' };

export function createFaultEffects({
  limitedBody = 'json',
  serverErrorBody = 'json',
  redirectTo = 'https://elsewhere.invalid',
}: FaultAnswerOptions): Readonly<Record<FaultKind, FaultEffect>> {
  const instead = (answer: Omit<Answer, 'verdict'>): FaultEffect => ({
    at: 'checks',
    counts: true,
    answer: () => answer,
  });
  const refusal = (status: number, message: string) => instead(fail(status, message));
  const tooMany = (retryAfter: TooManyRequests['retryAfter']): FaultEffect => ({
    at: 'checks',
    counts: false,
    answer: ({ now }) => tooManyRequests({ retryAfter, limitedBody, retryInMs: 1000, now }),
  });
  const before = (status: number, message: string) =>
    instead(fail(status, message, serverErrorBody));
  const after = (status: number, message: string): FaultEffect => ({
    at: 'answer',
    alter: () => fail(status, message, serverErrorBody),
  });

  return {
    'connection-refused': { at: 'arrival', how: 'refused' },
    'reset-before-reading': { at: 'arrival', how: 'reset' },
    'reset-after-applying': { at: 'answer', how: 'reset' },
    'lost-before-applying': { at: 'checks', counts: true, answer: 'silent' },
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
    'empty-200': { at: 'answer', alter: ({ status }) => ({ status }) },
    'success-false': refusal(200, 'Something went wrong'),
    'changed-nothing': { at: 'change' },
    'wrong-content-type': { at: 'answer', alter: (answer) => ({ ...answer, headers: html }) },
    'redirect-elsewhere': {
      at: 'checks',
      counts: true,
      answer: ({ target }) => ({
        status: 307,
        headers: { location: redirectTo.replace(/\/$/, '') + target },
      }),
    },
    'changed-meanwhile': {
      at: 'ticket',
      act: ({ ticket, tickets, to }) =>
        void tickets.setStatus(ticket.ticketId, otherStatus(ticket.status, to), colleague),
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

/** The answers of all faults that have one of their own, in each form that an option gives them. */
export function injectedAnswers(): InjectedAnswer[] {
  const right: Answer = { verdict: 'ok', status: 200, body: {} };
  const forms = (['json', 'text'] as const).map((body) =>
    createFaultEffects({ limitedBody: body, serverErrorBody: body }),
  );
  const answerOf = (effect: FaultEffect) => {
    if (effect.at === 'answer') return effect.alter?.(right);
    if (effect.at !== 'checks' || effect.answer === 'silent') return undefined;
    return effect.answer({ now: new Date(0), target: '/' });
  };
  return faultKinds.flatMap((fault) =>
    forms.flatMap((effects) => {
      const answer = answerOf(effects[fault]);
      return answer === undefined ? [] : [{ fault, meaning: faultMeanings[fault], answer }];
    }),
  );
}

// What a colleague would set next, as long as it is not what the request asks for anyway.
function otherStatus(status: TicketStatus, to: TicketStatus | undefined): TicketStatus {
  const at = ticketStatuses.indexOf(status);
  const others = [...ticketStatuses.slice(at + 1), ...ticketStatuses.slice(0, at)];
  return others.find((other) => other !== to) ?? status;
}
