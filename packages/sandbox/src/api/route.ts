import type * as z from 'zod';
import type { TicketStatus } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';
import type { Answer, Refusal } from './answer.ts';
import type { Body } from './body.ts';

/** The name of an API call, as the description of the API has it. */
export type SandboxCall =
  | 'changeStatus'
  | 'claimTicket'
  | 'unclaimTicket'
  | 'getTicket'
  | 'listTickets';

/** What the body of an unclaim must carry. */
export type UnclaimBody = 'nothing' | 'staffUserId';

/** How the calls behave where the vendor's documentation does not say. */
export interface ApiGuesses {
  readonly unclaimBody: UnclaimBody;
}

/** A request that has found its route. */
export interface Call {
  /** The id in the path, decoded once; empty where the path has none. */
  readonly ticketId: string;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly tickets: Tickets;
  readonly guesses: ApiGuesses;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** As the API's documentation writes it, with `{ticketId}` in its place. */
  readonly path: string;
  /** Captures the still encoded ticket id as `ticketId`, if there is one. */
  readonly pattern: RegExp;
  /** The status that a request asks for, be it legal or not. */
  readonly asksFor?: (body: Body) => TicketStatus | undefined;
  answer(call: Call): Answer;
  readonly description: RouteDescription;
}

/** What the description of the API says of a call. */
export interface RouteDescription {
  readonly operationId: SandboxCall;
  readonly summary: string;
  readonly body?: (guesses: ApiGuesses) => z.ZodType;
  readonly query?: z.ZodObject;
  readonly success: z.ZodType;
  /** The refusals of its own, and when they are answered. */
  readonly refusals: Readonly<Partial<Record<Refusal, string>>>;
}

export function defineRoute(route: Omit<Route, 'pattern'>): Route {
  const pattern = new RegExp(`^${route.path.replace('{ticketId}', '(?<ticketId>[^/]+)')}$`);
  return { ...route, pattern };
}
