import type { BlockedTicket, Outbox } from '@ticket-lifecycle/outbox';
import { exitCodes } from '../../exit-code.ts';
import { jsonVersion } from '../../json-version.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { printable } from '../../terminal/text.ts';
import { withOutbox, type OutboxPlace } from './open-outbox.ts';

/** What can be shown of an outbox. */
export type OutboxView = 'status' | 'blocked' | 'dead' | 'retrying';

/** Shows what is in an outbox. Ends with the code for doubt or refusal where a person is needed. */
export async function showOutbox(
  view: OutboxView,
  options: OutboxPlace & { readonly json?: true | undefined },
  { output, messages, secrets }: Terminal,
): Promise<number> {
  return withOutbox(options, secrets, async ({ inspect }) => {
    const rows = await rowsOf(view, inspect);
    for (const row of rows) {
      if (options.json === true) {
        // In a text it is called `change`, so a script finds it by that name as well.
        const named = isTicket(view) ? { ...row, change: (row as BlockedTicket).by } : row;
        await output.printJson({ type: typeOf(view, row), schema: jsonVersion, ...named });
      } else await output.print(lineOf(isTicket(view) ? held(row) : row));
    }
    if (rows.length === 0) messages.show('none');
    const { dead, unknown } = await inspect.depth();
    if (unknown > 0) return exitCodes.unknown;
    return dead > 0 ? exitCodes.refused : exitCodes.ok;
  });
}

/** Whether a view shows tickets, each by the change that holds it. */
const isTicket = (view: OutboxView) => view === 'blocked' || view === 'retrying';

function typeOf(view: OutboxView, row: object): string {
  if (view !== 'status') return view;
  if ('by' in row) return 'paused';
  return 'key' in row ? 'budget' : 'depth';
}

async function rowsOf(view: OutboxView, inspect: Outbox['inspect']): Promise<readonly object[]> {
  if (view === 'dead' || view === 'blocked') return inspect[view]();
  if (view === 'retrying') {
    return (await inspect.blocked()).filter(({ kind }) => kind === 'retrying' || kind === 'paused');
  }
  return [await inspect.depth(), ...(await inspect.paused()), ...(await inspect.budgets())];
}

/** A held ticket as a person looks for it: the ticket first, and the longest text last. */
function held(row: object): object {
  const { ticketId, kind, since, waiting, key, by, reason } = row as BlockedTicket;
  return { ticketId, kind, since, waiting, key, change: by, reason };
}

const textOf = (value: Date | string) => (typeof value === 'string' ? value : value.toISOString());

/** Names and values in one line. */
export function lineOf(row: object): string {
  const cells = Object.entries(row).map(([name, value]: [string, unknown]) => {
    if (typeof value === 'number') return `${name} ${Math.round(value)}`;
    const isText = value instanceof Date || typeof value === 'string';
    return `${name} ${printable(isText ? textOf(value) : JSON.stringify(value))}`;
  });
  return cells.join('  ');
}
