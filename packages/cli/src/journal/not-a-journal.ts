import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';

const mostNamed = 3;

/** Whether a file is called as a journal is: if its first line is torn, it is a damaged one. */
export const isCalledJournal = (file: string): boolean => file.endsWith('.journal');

/**
 * Says that a file is no journal at all, such as the file of the changes, and names the journals
 * that lie beside it: its own, or else all.
 */
export function notAJournal(file: string): CliError {
  const folder = dirname(file);
  const journals = namesIn(folder).filter(
    (name) => isCalledJournal(name) && name !== basename(file),
  );
  const own = journals.filter((name) => name.startsWith(`${basename(file)}.`));
  // Their names hold the time: the latest run is asked for most.
  const latest = (own.length > 0 ? own : journals).toSorted(byTime).toReversed();
  const shown = latest.slice(0, mostNamed).map((name) => join(folder, name));
  const more = latest.length > shown.length ? ' …' : '';
  const cure =
    shown.length === 0
      ? 'A journal is beside the file of its changes, as FILE.DATE.journal.'
      : `${own.length > 0 ? 'Its journals' : 'The journals beside it'}: ${shown.join(', ')}${more}`;
  return new CliError(`${file} is not a journal of apply. ${cure}`, exitCodes.unreadable);
}

const timeOf = (name: string): string => name.split('.').slice(-2).join('.');

const byTime = (one: string, other: string): number =>
  timeOf(one).localeCompare(timeOf(other), 'en');

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
