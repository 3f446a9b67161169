import type { CompiledMachine } from './compile.ts';
import { ticketStatusSchema, type TicketStatus } from './ticket-status.ts';
import { shortestWays } from './ways.ts';

/** What a change of status that we did not command amounts to. */
export type Observation<Event extends string = string> =
  | { readonly kind: 'unchanged' }
  /** One transition of the lifecycle explains it. */
  | { readonly kind: 'edge'; readonly events: readonly Event[] }
  /** Several transitions in a row explain it; we may have missed those in between. */
  | { readonly kind: 'path'; readonly events: readonly Event[] }
  /** Nothing in the lifecycle explains it. */
  | { readonly kind: 'jump' }
  /** One of the two is no status of the API. */
  | { readonly kind: 'unknown-status' };

const unchanged: Observation = Object.freeze({ kind: 'unchanged' });
const jump: Observation = Object.freeze({ kind: 'jump' });
const unknownStatus: Observation = Object.freeze({ kind: 'unknown-status' });

/**
 * Prepares the verdicts for all sixteen pairs of statuses.
 *
 * Guards are not asked: other people and programs are not bound by ours. Of equally short
 * explanations the one that the definition names first is given.
 */
export function createObserver({ statuses, edges }: CompiledMachine) {
  const verdicts = new Map<string, Map<string, Observation>>();
  for (const from of ticketStatusSchema.options) {
    const row = new Map<string, Observation>();
    for (const to of ticketStatusSchema.options) row.set(to, verdictOn(from, to));
    verdicts.set(from, row);
  }
  return (previous: string, seen: string): Observation =>
    verdicts.get(previous)?.get(seen) ?? unknownStatus;

  function verdictOn(from: TicketStatus, to: TicketStatus): Observation {
    if (from === to) return unchanged;
    const targets = new Set(statesWith(to));
    const [shortest] = statesWith(from)
      .flatMap((state) => shortestWays(state, targets, (key) => edges.get(key) ?? []))
      .sort((a, b) => a.length - b.length);
    if (shortest === undefined) return jump;
    const events = Object.freeze(shortest.map((edge) => edge.event));
    return Object.freeze({ kind: events.length === 1 ? 'edge' : 'path', events });
  }

  function statesWith(status: TicketStatus): string[] {
    return [...statuses].filter(([, its]) => its === status).map(([state]) => state);
  }
}
