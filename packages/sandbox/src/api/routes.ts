import { changeStatus } from './change-status.ts';
import { claimTicket, unclaimTicket } from './claim-ticket.ts';
import { getTicket } from './get-ticket.ts';
import { listTickets } from './list-tickets.ts';
import type { Route } from './route.ts';

/** Every call of the API that the sandbox knows. */
export const routes: readonly Route[] = [
  changeStatus,
  claimTicket,
  unclaimTicket,
  getTicket,
  listTickets,
];

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly ticketId: string | undefined }
  | { readonly kind: 'other-method'; readonly allow: string; readonly ticketId: string | undefined }
  | { readonly kind: 'unknown'; readonly ticketId?: undefined };

/** Finds the route of a path as it came on the wire: not normalised, ids still encoded. */
export function findRoute(method: string, target: string): RouteMatch {
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
