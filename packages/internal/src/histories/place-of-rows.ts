import { columnsOf } from './fields.ts';
import { hasStateColumn, idColumn } from './guess.ts';
import type { Fields } from './json/json-lines.ts';

/*
 * Where the rows are in a record that holds rows inside
 *
 * An answer of an API is one object with a list of tickets, and each ticket may hold a list of its
 * changes. The cure is a filter of jq that gives one row a line. It keeps the id of the ticket,
 * without which no row says of whom it speaks.
 */

// A list further down is seldom what is meant, and an object may hold very much.
const deepest = 4;
const mostLists = 3;
// Many tickets have no change yet.
const mostItems = 20;

/** Where in a record an array of objects is, as jq writes it: the rows may be in there. */
export function pathOfRows(fields: Fields): string | undefined {
  return listOfRows(fields)?.path;
}

/** Says so, for the first of these records. Empty if there is no such array. */
export function placeOfRows(fields: Fields | undefined, records: number): string {
  const list = fields === undefined ? undefined : listOfRows(fields);
  if (fields === undefined || list === undefined) return '';
  const rows = records === 1 ? 'Its rows' : 'The changes of each row';
  return ` ${rows} may be in ${list.path}: jq -c '${filterFor(fields, list)}' FILE.`;
}

interface List {
  readonly path: string;
  readonly items: readonly Fields[];
}

/** The list whose rows hold a state, or else the first. */
function listOfRows(fields: Fields, lists = mostLists): List | undefined {
  const found = [...listsIn(fields, deepest, '')];
  return found.find(({ items }) => holdsStates(items, lists)) ?? found[0];
}

const names = (fields: Fields) => columnsOf([{ line: 1, fields }]);
const areChanges = (items: readonly Fields[]) => items.some((item) => hasStateColumn(names(item)));

/** Whether these are changes, or hold them, so many lists further down at most. */
function holdsStates(items: readonly Fields[], lists: number): boolean {
  return areChanges(items) || holderIn(items, lists - 1) !== undefined;
}

function holderIn(items: readonly Fields[], lists: number): Fields | undefined {
  if (lists <= 0) return undefined;
  return items.find((item) =>
    [...listsIn(item, deepest, '')].some((list) => holdsStates(list.items, lists)),
  );
}

/** The filter that leads from a record to rows which hold a state. */
function filterFor(fields: Fields, { path, items }: List): string {
  // The first id on the way is that of the ticket: a change has one of its own.
  const id = idColumn(names(fields));
  const step = id === undefined ? path : `${path} + {ticket: ${jqPath(id)}}`;
  return [step, ...stepsDown(items, id !== undefined, mostLists - 1)].join(' | ');
}

function stepsDown(items: readonly Fields[], hasTicket: boolean, lists: number): string[] {
  const holder = areChanges(items) ? undefined : holderIn(items, lists);
  const list = holder === undefined ? undefined : listOfRows(holder, lists);
  if (holder === undefined || list === undefined) return [];
  const id = hasTicket ? undefined : idColumn(names(holder));
  const kept = id === undefined ? '' : ` + {ticket: ${jqPath(id)}}`;
  // What names no ticket itself may still hold the time of its changes.
  const step = hasTicket ? `. + ${list.path}` : `${list.path}${kept}`;
  return [step, ...stepsDown(list.items, hasTicket || id !== undefined, lists - 1)];
}

function* listsIn(fields: Fields, depth: number, before: string): Generator<List> {
  const entries = Object.entries(fields);
  for (const [key, value] of entries) {
    if (!Array.isArray(value) || !isObject(value[0])) continue;
    const items = value.slice(0, mostItems).filter(isObject) as Fields[];
    yield { path: `${joined(before, key)}[]`, items };
  }
  if (depth <= 1) return;
  for (const [key, value] of entries) {
    if (!isObject(value) || Array.isArray(value)) continue;
    yield* listsIn(value as Fields, depth - 1, joined(before, key));
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** A column's name as jq writes the path to it. */
const jqPath = (column: string): string => column.split('.').reduce(joined, '');

function joined(before: string, key: string): string {
  if (/^[A-Za-z_]\w*$/.test(key)) return `${before}.${key}`;
  // Within the quotes of a shell.
  const quoted = JSON.stringify(key).replaceAll("'", String.raw`\u0027`);
  return `${before === '' ? '.' : before}[${quoted}]`;
}
