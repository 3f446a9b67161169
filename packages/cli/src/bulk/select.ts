import { CliError } from '../cli-error.ts';
import { didYouMean } from '../terminal/did-you-mean.ts';
import type { Fields } from '../rows/rows.ts';
import { wildcard } from './wildcard.ts';

/** Whether a line is one of those that are wanted. */
export type Selects = (fields: Fields) => boolean;

/** Which lines are wanted. */
export interface Selection {
  /** Tickets; `*` stands for anything. */
  readonly only?: readonly string[] | undefined;
  /** `field=value` or `field!=value`: all of them have to hold. */
  readonly where?: readonly string[] | undefined;
}

interface Condition {
  readonly field: string;
  readonly negated: boolean;
  readonly matches: (value: string) => boolean;
}

/** Prepares a selection. Without conditions it wants every line. */
export function createSelection({ only = [], where = [] }: Selection): Selects {
  const tickets = only.map(wildcard);
  const conditions = where.map(parseCondition);
  if (tickets.length === 0 && conditions.length === 0) return () => true;
  return (fields) => {
    const ticketId = textOf(fields['ticketId']);
    return (
      (tickets.length === 0 || tickets.some((matches) => matches(ticketId))) &&
      conditions.every(({ field, negated, matches }) => matches(textOf(fields[field])) !== negated)
    );
  };
}

/** Names the column that a selection asks for and the file does not have, or `undefined`. */
export function checkSelectedColumns(
  columns: readonly string[],
  { where = [] }: Selection,
): string | undefined {
  const missing = where
    .map((text) => parseCondition(text).field)
    .find((field) => !columns.includes(field));
  return missing && `has no column "${missing}" for --where${didYouMean(missing, columns)}`;
}

function parseCondition(text: string): Condition {
  const match = /^\s*([^=!]+?)\s*(!?)=(.*)$/su.exec(text);
  const [, field, not = '', value] = match ?? [];
  if (field === undefined || value === undefined) {
    throw new CliError(
      `--where: "${text.slice(0, 60)}" is not a condition. Write FIELD=VALUE or FIELD!=VALUE; * stands for anything.`,
    );
  }
  const pattern = value.trim();
  if (pattern === '') {
    throw new CliError(
      `--where: "${text.slice(0, 60)}" has no value. Is a variable unset? For an empty field write ${field}${not}="".`,
    );
  }
  return { field, negated: not === '!', matches: wildcard(pattern === '""' ? '' : pattern) };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
