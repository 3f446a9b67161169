import type { Answer } from './answer.ts';
import type { Body } from './body.ts';
import type { Tickets } from './tickets.ts';

export interface Call {
  readonly ticketId: string;
  readonly body: Body;
  readonly tickets: Tickets;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Captures the still encoded ticket id as `ticketId`. */
  readonly path: RegExp;
  answer(call: Call): Answer;
}

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly ticketId: string }
  | { readonly kind: 'other-method'; readonly allow: string; readonly ticketId: string }
  | { readonly kind: 'unknown' };

/** Finds the route of a path as it came on the wire: not normalised, ids still encoded. */
export function findRoute(routes: readonly Route[], method: string, target: string): RouteMatch {
  const [path = ''] = target.split('?');
  // One path can belong to two routes: /tickets/get/status reads a ticket or changes ticket "get".
  const matches = routes.flatMap((route) => {
    const id = route.path.exec(path)?.groups?.['ticketId'];
    return id === undefined ? [] : [{ route, ticketId: decodeOnce(id) }];
  });
  const [first] = matches;
  if (first === undefined) return { kind: 'unknown' };
  const found = matches.find(({ route }) => route.method === method);
  if (found !== undefined) return { kind: 'found', ...found };
  const allow = matches.map(({ route }) => route.method).join(', ');
  return { kind: 'other-method', allow, ticketId: first.ticketId };
}

function decodeOnce(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
