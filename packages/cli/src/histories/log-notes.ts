import type { Histories, Tickets } from '@ticket-lifecycle/internal/histories/histories';
import { mapText, suggestMap } from '@ticket-lifecycle/internal/histories/suggest-map';
import { didYouMean } from '../../terminal/did-you-mean.ts';
import { printable, quoted, several } from '../../terminal/text.ts';
import { disorderText } from '../../histories/disorder.ts';
import { isStatus } from '../../histories/judge.ts';
import type { ReplaySummary } from '../../histories/summary.ts';

/** Says what a person should know or put right, for stderr. */
export async function notesOn(
  { disorder, unmapped, unusedPatterns, map, order, read }: ReplaySummary,
  histories: Histories,
  json: boolean,
): Promise<string[]> {
  const values = histories.values.map(({ value }) => value);
  const notes: string[] = [];
  // A list of issues, such as Jira's export of a search: each says only where it is now.
  const hasHistories = histories.rows > histories.tickets.count || read.columns.from !== undefined;
  if (!hasHistories && histories.tickets.count > 1) {
    notes.push(
      'No ticket has a second row, so this file shows no changes. Export the history of the tickets, with a row for each change.',
    );
  }
  if (disorder !== undefined) notes.push(disorderText(disorder));
  for (const pattern of unusedPatterns) {
    const unused = values.filter((value) => !map.some((one) => one.value === value));
    const meant = didYouMean(pattern, unused) || didYouMean(pattern, values);
    notes.push(`--map: "${printable(pattern)}" fits no value${meant}.`);
  }
  if (unmapped.length > 0) {
    // A state of the lifecycle means itself: with its status alone the log would say less.
    const isSettled = ({ value, name }: { value: string; name: string }) =>
      value !== name || !isStatus(name);
    const settled = new Set(map.filter(isSettled).map(({ value }) => value));
    const draft = suggestMap(values).filter(({ value }) => !settled.has(value));
    const suggested = draft.length === 0 ? '' : ` A first draft: --map ${quoted(mapText(draft))}`;
    notes.push(`Values without a meaning here were found: give them one with --map.${suggested}`);
  }
  if (histories.withoutState > 0) {
    notes.push(
      `Rows without a state are not readable. Where they are no changes of it, pass over them with --ignore '""'.`,
    );
  }
  const isOpen = (word: string) =>
    map.some(({ value, name }) => value.toLowerCase() === word && name === 'open');
  if (values.includes('open') && isOpen('open') && isOpen('new')) {
    notes.push(
      'Both "new" and "open" mean open here, so a change between them does not count. Where work on an open ticket has begun, add --map open=in-progress.',
    );
  }
  if (read.columns.time !== undefined && order?.isSorted !== true && disorder === undefined) {
    notes.push(`To measure times, add --time ${quoted(read.columns.time)}.`);
  }
  if (json) {
    const text = await idsText(histories.tickets);
    if (text !== undefined) notes.push(text);
  }
  return notes.map((note, index) => (index === 0 ? `\n${note}` : note));
}

/** Ids that `apply` can't use, counted. */
async function idsText(tickets: Tickets): Promise<string | undefined> {
  const { ticketIdSchema } = await import('@ticket-lifecycle/series');
  let wrong = 0;
  let first = '';
  let reason = '';
  for (let ticket = 0; ticket < tickets.count; ticket += 1) {
    const ticketId = tickets.idOf(ticket);
    const { error } = ticketIdSchema.safeParse(ticketId);
    if (error === undefined) continue;
    wrong += 1;
    if (wrong > 1) continue;
    first = printable(ticketId.slice(0, 60));
    reason = error.issues[0]?.message ?? '';
  }
  if (wrong === 0) return undefined;
  return `${several(wrong, 'ticket id')} can't be used by apply, such as "${first}" (${reason}). Map them to ids of your workspace first.`;
}
