import { ticketStatuses, type Lifecycle, type Observation } from '@ticket-lifecycle/core';
import {
  SeriesError,
  ticketIdSchema,
  type SeriesClient,
  type Ticket,
} from '@ticket-lifecycle/series';
import { CliError } from '../../cli-error.ts';
import { loadDefinition } from '../../lifecycle/load-lifecycle.ts';
import { connect, type ConnectOptions } from '../../api/connect.ts';
import { exitCodes } from '../../exit-code.ts';
import { watchInterrupt } from '../../terminal/interrupt.ts';
import { checkName } from '../../lifecycle/check-name.ts';
import { schema } from '../../json-version.ts';
import { printable, type Terminal } from '../../terminal/terminal.ts';

interface ObserveOptions extends ConnectOptions {
  readonly from?: string | undefined;
  readonly definition?: string | undefined;
  readonly json?: true | undefined;
}

/** What a look at a ticket has shown. */
interface Seen {
  readonly type: 'observation';
  readonly schema: typeof schema;
  readonly ticketId: string;
  readonly status: string;
  /** Several, where the lifecycle has more than one state of that status. */
  readonly states: readonly string[];
  readonly subject: string | undefined;
  readonly updatedAt: string | undefined;
  /** What can be done with it in one of those states. */
  readonly enabled: readonly string[];
  readonly from?: string | undefined;
  readonly change?: Observation | undefined;
}

/** Reads tickets, and says where they stand. */
export async function observe(
  tickets: readonly string[],
  options: ObserveOptions,
  terminal: Terminal,
): Promise<number> {
  const { from, json } = options;
  const { lifecycle } = await loadDefinition(options.definition);
  if (from !== undefined) checkName('--from', from, ticketStatuses);
  for (const ticketId of tickets) checkId(ticketId);
  const client = await connect(options, terminal.secrets);
  const interrupt = watchInterrupt();
  const { output, talk } = terminal;
  let worst: number = exitCodes.ok;
  try {
    for (const ticketId of tickets) {
      if (interrupt.signal.aborted) break;
      try {
        const seen = await look(ticketId, { client, lifecycle, from, signal: interrupt.signal });
        if (json === true) await output.printJson(seen);
        else await output.print(seenText(seen, terminal.style));
      } catch (error) {
        if (!SeriesError.is(error)) throw error;
        talk.say(`${ticketId}: ${printable(error.message)}`);
        worst = Math.max(worst, exitCodeOf(error));
      }
    }
    return interrupt.exitCode() ?? worst;
  } finally {
    interrupt.release();
  }
}

function checkId(ticketId: string): void {
  const { error } = ticketIdSchema.safeParse(ticketId);
  if (error === undefined) return;
  // It may be the key in the wrong place: it is not repeated.
  throw new CliError(
    `One of the ids is none: ${error.issues[0]?.message ?? 'it can not be used'}.`,
  );
}

/** Reads one ticket. */
export async function look(
  ticketId: string,
  {
    client,
    lifecycle,
    from,
    signal,
  }: {
    readonly client: Pick<SeriesClient, 'getTicket'>;
    readonly lifecycle: Lifecycle;
    readonly from: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Seen> {
  const ticket: Ticket = await client.getTicket(ticketId, { signal });
  const { status, subject, updatedAt } = ticket;
  const states = lifecycle.states.filter((state) => lifecycle.statusOf(state) === status);
  const enabled = new Set(
    lifecycle.events.filter((event) => states.some((state) => lifecycle.can(state, event))),
  );
  const seen = { type: 'observation', schema, ticketId, status, states } as const;
  const change = from === undefined ? {} : { from, change: lifecycle.observe(from, status) };
  return { ...seen, subject, updatedAt, enabled: [...enabled], ...change };
}

function exitCodeOf(error: SeriesError): number {
  if (error.delivery !== 'refused') return exitCodes.notSent;
  const { status } = error as { status?: unknown };
  return status === 401 || status === 403 ? exitCodes.auth : exitCodes.refused;
}

function seenText(seen: Seen, style: Terminal['style']): string {
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
