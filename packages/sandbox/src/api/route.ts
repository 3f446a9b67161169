import type * as z from 'zod';
import type { Answer } from './answer.ts';
import type { Body } from './body.ts';
import type { CallName } from '../record/request-record.ts';
import type { TicketStatus } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';

export interface Call {
  /** The id in the path, decoded once; empty where the path has none. */
  readonly ticketId: string;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly tickets: Tickets;
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
  readonly operationId: CallName;
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  readonly success: z.ZodType;
  /** The refusals of its own, by status. */
  readonly refusals: Readonly<Record<number, string>>;
}

export function defineRoute(route: Omit<Route, 'pattern'>): Route {
  const pattern = new RegExp(`^${route.path.replace('{ticketId}', '(?<ticketId>[^/]+)')}$`);
  return { ...route, pattern };
}

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly ticketId: string | undefined }
  | { readonly kind: 'other-method'; readonly allow: string; readonly ticketId: string | undefined }
  | { readonly kind: 'unknown'; readonly ticketId?: undefined };

/** Finds the route of a path as it came on the wire: not normalised, ids still encoded. */
export function findRoute(routes: readonly Route[], method: string, target: string): RouteMatch {
  const [path = ''] = target.split('?');
  // One path can belong to two routes: /tickets/get/status reads a ticket or changes ticket "get".
  const matches = routes.flatMap((route) => {
    const match = route.pattern.exec(path);
    const id = match?.groups?.['ticketId'];
    return match === null ? [] : [{ route, ticketId: id === undefined ? id : decodeOnce(id) }];
  });
  const [first] = matches;
  if (first === undefined) return { kind: 'unknown' };
  const found = matches.find(({ route }) => route.method === method);
  if (found !== undefined) return { kind: 'found', ...found };
  const allow = matches.map(({ route }) => route.method).join(', ');
  return { kind: 'other-method', allow, ticketId: first.ticketId };
}

export function queryOf(target: string): URLSearchParams {
  const start = target.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : target.slice(start + 1));
}

function decodeOnce(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
