import type { Lifecycle, Observation } from '@ticket-lifecycle/core';
import { isStatus } from '../histories/judge.ts';
import type { SeriesClient, Ticket } from '@ticket-lifecycle/series';
import { jsonVersion } from '../json-version.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { printable } from '../terminal/text.ts';

/** What reading a ticket has shown. */
export interface SeenTicket {
  readonly type: 'observation';
  readonly schema: typeof jsonVersion;
  readonly ticketId: string;
  readonly status: string;
  /** Several, where the lifecycle has more than one state of that status. */
  readonly states: readonly string[];
  readonly subject: string | undefined;
  readonly updatedAt: string | undefined;
  /** What can be done with it in one of those states, some of it only with data. */
  readonly enabled: readonly string[];
  readonly from?: string | undefined;
  readonly change?: Observation | undefined;
}

/** Reads one ticket. */
export async function readObservation(
  ticketId: string,
  {
    client,
    lifecycle,
    from,
    context,
    signal,
  }: {
    readonly client: Pick<SeriesClient, 'getTicket'>;
    readonly lifecycle: Lifecycle;
    readonly from: string | undefined;
    /** What the guards are asked with. */
    readonly context: unknown;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<SeenTicket> {
  const ticket: Ticket = await client.getTicket(ticketId, { signal });
  const { status, subject, updatedAt } = ticket;
  const states = lifecycle.states.filter((state) => lifecycle.statusOf(state) === status);
  const enabled = new Set(
    states.flatMap((state) => lifecycle.enabled(state, context).map(({ event }) => event)),
  );
  const seen = { type: 'observation', schema: jsonVersion, ticketId, status, states } as const;
  const change = from === undefined ? {} : { from, change: changeSince(lifecycle, from, status) };
  return { ...seen, subject, updatedAt, enabled: [...enabled], ...change };
}

/** What led from a status, or a state of one's own, to a status. */
function changeSince(lifecycle: Lifecycle, from: string, status: string): Observation {
  const before = isStatus(from) ? undefined : lifecycle.statusOf(from);
  return lifecycle.observe(before ?? from, status, before && { previousState: from });
}

/** An observation as text. */
export function observationText(seen: SeenTicket, style: Terminal['style']): string {
  const { ticketId, status, enabled, change, from, updatedAt } = seen;
  const when = updatedAt === undefined ? '' : `  (updated ${printable(updatedAt)})`;
  const next = enabled.length === 0 ? 'nothing' : enabled.join(', ');
  const lines = [`${style('bold', ticketId)}  ${printable(status)}${when}`, `  possible: ${next}`];
  if (change !== undefined) lines.push(`  since ${String(from)}: ${changeText(change)}`);
  return lines.join('\n');
}

function changeText(change: Observation): string {
  switch (change.kind) {
    case 'unchanged':
      return 'unchanged';
    case 'edge':
      return `somebody did ${change.events.join(', ')}`;
    case 'path':
      return `somebody did ${change.events.join(', ')}, as far as the lifecycle explains it`;
    case 'jump':
      return 'a change that nothing in the lifecycle explains';
    case 'unknown-status':
      return 'a status that is not known here';
  }
}
