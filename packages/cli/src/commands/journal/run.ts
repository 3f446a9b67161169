import { existsSync } from 'node:fs';
import { reasonOf } from '../../bulk/tally.ts';
import { wildcard } from '@ticket-lifecycle/internal/histories/wildcard';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import type { Intent, OutcomeEntry } from '../../journal/entries.ts';
import { endStep, intend } from '../../journal/intents.ts';
import type { LineOutcome } from '../../journal/line-outcome.ts';
import { walkJournal } from '../../journal/walk-journal.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { printable, several } from '../../terminal/text.ts';

interface ShowOptions {
  readonly kind?: string | undefined;
  readonly only?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
}

/** How a line ended, or that it was begun. */
type Shown = Pick<
  LineOutcome,
  'line' | 'ticketId' | 'from' | 'to' | 'event' | 'staffUserId' | 'reason'
> & { readonly kind: string };

/** Shows how each line of a run ended. */
export async function showJournal(
  file: string,
  { kind, only = [], json = false }: ShowOptions,
  { output, messages }: Terminal,
): Promise<number> {
  const lines = await linesOf(file);
  const tickets = only.map((name) => ({ name, matches: wildcard(name) }));
  const isWanted = (line: Shown) =>
    (kind === undefined || line.kind === kind) &&
    (tickets.length === 0 || tickets.some(({ matches }) => matches(line.ticketId ?? '')));
  const shown = [...lines.values()].filter(isWanted).sort((a, b) => a.line - b.line);
  for (const line of shown) {
    if (json) await output.printJson({ type: 'line', ...line });
    else await output.print(textOf(line));
  }
  const without = tickets.filter(
    ({ matches }) => !shown.some(({ ticketId }) => matches(ticketId ?? '')),
  );
  if (shown.length > 0 && without.length === 0) return exitCodes.ok;
  const which = kind === undefined ? '' : `${kind} `;
  const of = without.length === 0 ? '' : ` of ${without.map(({ name }) => name).join(', ')}`;
  const text = `${file}: There are no ${which}entries${of}. The journal has ${several(lines.size, 'line')}.`;
  // Nothing on stdout is an answer for a program. A person may take it for a mistake.
  if (json) messages.note(printable(text));
  else messages.show(printable(text));
  return exitCodes.ok;
}

/** How each line stands. A change that may have been sent goes before what is known of its steps. */
async function linesOf(file: string): Promise<ReadonlyMap<number, Shown>> {
  const lines = new Map<number, Shown>();
  const open = new Map<number, Intent[]>();
  await walkJournal(file, 'shown', (entry) => {
    if (!('line' in entry)) return;
    const { line } = entry;
    const intents = open.get(line) ?? [];
    if (entry.type === 'intent') intend(intents, entry);
    if (entry.type === 'taken-back') intents.pop();
    if (entry.type === 'outcome') {
      lines.set(line, ended(entry));
      if (entry.last) intents.length = 0;
      else endStep(intents, entry);
    }
    if (intents.length > 0) open.set(line, intents);
    else open.delete(line);
  });
  for (const [line, intents] of open) {
    const intent = intents.at(-1);
    if (intent !== undefined) lines.set(line, begun(intent));
  }
  return lines;
}

/** Shows all entries of a ticket. */
export async function whyJournal(
  ticketId: string,
  files: readonly string[],
  { json = false }: { readonly json?: boolean | undefined },
  { output }: Terminal,
): Promise<number> {
  if (existsSync(ticketId) && !files.every((file) => existsSync(file))) {
    const names = files.join(' ');
    throw new CliError(
      `${ticketId} is a file. The ticket goes first: journal why ${names} ${ticketId}`,
    );
  }
  const found: (Intent | OutcomeEntry)[] = [];
  for (const file of files) {
    await walkJournal(file, 'shown', (entry) => {
      if (entry.type !== 'intent' && entry.type !== 'outcome') return;
      if (entry.ticketId === ticketId) found.push(entry);
    });
  }
  if (found.length === 0) {
    throw new CliError(`${files.join(', ')}: There are no entries of ${printable(ticketId)}.`);
  }
  for (const entry of found.toSorted((one, other) => one.at - other.at)) {
    if (json) await output.printJson(entry);
    else await output.print(`${new Date(entry.at).toISOString()}  ${momentOf(entry)}`);
  }
  return exitCodes.ok;
}

function momentOf(entry: Intent | OutcomeEntry): string {
  if (entry.type === 'outcome') return textOf(ended(entry));
  const { line, event, from, to, staffUserId } = entry;
  const who = staffUserId === undefined ? '' : `staff member ${staffUserId} `;
  return printable(`line ${line}  ${who}about to send ${event}: ${from} → ${to}`);
}

const ended = (entry: OutcomeEntry): Shown => {
  const { line, kind, ticketId, from, to, event, staffUserId } = entry;
  return { line, kind, ticketId, from, to, event, staffUserId, reason: reasonOf(entry) };
};

const begun = ({ line, ticketId, from, to, event, staffUserId }: Intent): Shown => {
  const reason = 'It may have been sent: --resume reads the ticket.';
  return { line, kind: 'open', ticketId, from, to, event, staffUserId, reason };
};

function textOf(shown: Shown): string {
  const { line, kind, ticketId, from, to, event, staffUserId, reason } = shown;
  const step = from === undefined && to === undefined ? '' : `${from ?? '?'} → ${to ?? '?'}`;
  const what = [ticketId, event, step].filter((part) => part !== undefined && part !== '');
  const why = reason === undefined ? '' : `: ${reason}`;
  const who = staffUserId === undefined ? '' : ` (staff member ${staffUserId})`;
  return printable(`line ${line}  ${kind.padEnd(10)}  ${what.join('  ')}${why}${who}`);
}
