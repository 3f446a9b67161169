import { HistoryError } from './history-error.ts';
import type { Fields } from './json/json-lines.ts';
import type { FileRecord } from './records.ts';
import { isTime } from './times/time-reader.ts';
import { splitCondition } from './wildcard.ts';

/** Takes one value of a record as text; `undefined` where there is none. */
export type Getter = (record: FileRecord) => string | undefined;

/**
 * Prepares the access to a column. A dot reaches into an object: `issue.number`. A field whose own
 * name has the dot goes first.
 */
export function getterOf(columns: readonly string[], name: string): Getter {
  const index = columns.indexOf(name);
  const path = name.split('.');
  return (record) => {
    const { cells, fields } = record;
    if (cells !== undefined) {
      const cell = cells[index]?.trim();
      return cell === '' ? undefined : cell;
    }
    // The names that every object has need a closer look.
    const direct = fields[name];
    const value = typeof direct === 'string' ? direct : valueAt(fields, name, path);
    if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
    // A number that would lose digits was read as a text.
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  };
}

function valueAt(fields: Fields, name: string, path: readonly string[]): unknown {
  if (path.length === 1 || Object.hasOwn(fields, name)) return own(fields, name);
  let value: unknown = fields;
  for (const key of path) value = own(value, key);
  return value;
}

const own = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Fields)[key]
    : undefined;

// A value further down is seldom what is meant, and an object may hold very much.
const deepest = 4;
const mostColumns = 200;

/** The names of all values of some records, in the order in which they come. */
export function columnsOf(records: readonly FileRecord[]): string[] {
  const names = new Set<string>();
  for (const record of records)
    if (record.fields !== undefined) collect(record.fields, '', deepest, names);
  return [...names];
}

function collect(fields: Fields, before: string, depth: number, names: Set<string>): void {
  for (const [key, value] of Object.entries(fields)) {
    if (names.size >= mostColumns) return;
    if (!isObject(value)) names.add(`${before}${key}`);
    else if (!Array.isArray(value) && depth > 1) {
      collect(value as Fields, `${before}${key}.`, depth - 1, names);
    }
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Whether a row is one of those that are wanted. */
export interface Condition {
  readonly column: string;
  readonly prepare: (columns: readonly string[]) => (record: FileRecord) => boolean;
}

/** Reads `COLUMN=VALUE` or `COLUMN!=VALUE`. */
export function parseCondition(text: string): Condition {
  const parsed = splitCondition(text, 'COLUMN');
  if ('fault' in parsed) throw new HistoryError('option', `--where: ${parsed.fault}`);
  const { name, isNegated, matches } = parsed;
  return {
    column: name,
    prepare(columns) {
      const get = getterOf(columns, name);
      return (record) => matches(get(record) ?? '') !== isNegated;
    },
  };
}

/** Says what a row lacks. A row without a state and a time is no step: mostly it is a total. */
export function lackOf(
  name: string | undefined,
  record: FileRecord,
  time: { readonly column: string | undefined; readonly get: Getter | undefined },
): string {
  const lack = `there is no value for "${name}"`;
  if (time.get === undefined) return lack;
  const text = time.get(record);
  if (text !== undefined && isTime(text)) return lack;
  return `${lack} and no time in "${time.column}", so the row is no step of a ticket`;
}

// Names are kept, each once.
const longestName = 1000;

// As a spreadsheet writes a number with more digits than it keeps.
const rounded = /^\d(?:[.,]\d+)?E\+\d+$/;

/**
 * Says what is wrong with the names that a row gives; `undefined` where nothing is. One that is too
 * long is a text that somebody has written; an id without its last digits is that of many tickets.
 */
export function nameFault(id: string, others: readonly (string | undefined)[]): string | undefined {
  const long = [id, ...others].find((name) => (name?.length ?? 0) > longestName);
  if (long !== undefined) {
    return `"${long.slice(0, 20)}…" is longer than ${longestName} characters: is its column the right one?`;
  }
  if (!id.includes('E+') || !rounded.test(id)) return undefined;
  return `the ticket ${id} was rounded by a spreadsheet: make its column one of text, and export it again`;
}
