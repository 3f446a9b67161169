import { delimiters } from './delimiter.ts';
import { getterOf } from './fields.ts';
import type { FileRecord } from './records.ts';
import { isTime } from './times/time-reader.ts';

/** Which columns hold what. */
export interface Columns {
  /** Absent where all rows are of one ticket. */
  readonly id?: string | undefined;
  readonly state?: string | undefined;
  /** Of rows that name a change. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly time?: string | undefined;
}

/** The columns alone, of options that hold more. */
export const askedColumns = ({ id, state, from, to, time }: Columns): Columns => ({
  id,
  state,
  from,
  to,
  time,
});

// Names of columns as tools write them, letters and digits only, the surest first.
const idNames = wordsOf(`
  ticketid ticketnumber ticketkey ticketno ticket issuekey issuenumber issueid issue caseid
  casenumber caseconceptname case incidentnumber incidentid incident requestid requestnumber bugid
  bug documentkey number key id recordid ticketnummer ticketnr
  vorgangsnummer vorgangsnr vorgangnr vorgangsid vorgang fallnummer fallnr nummer nr no`);
const stateNames = wordsOf(`
  ticketstatus issuestatus incidentstate statusname status statename state newstatus newstate
  ticketstate bugstatus zustand conceptname`);
const timeNames = wordsOf(`
  timetimestamp timestamp eventtime changedat changedon changed at when bugwhen datetime time
  sysupdatedat sysupdatedon syscreatedon updatedat updatedon updated createdat createdon created
  date zeitpunkt zeitstempel zeit datum geändertam geändert`);
const fieldNames = wordsOf('field fieldname fieldid feld what');
const changeNames: readonly (readonly [string, string])[] = [
  ['fromstatus', 'tostatus'],
  ['oldstatus', 'newstatus'],
  ['oldstate', 'newstate'],
  ['fromstring', 'tostring'],
  ['from', 'to'],
  ['oldvalue', 'newvalue'],
  ['old', 'new'],
  ['previousvalue', 'value'],
  ['removed', 'added'],
  ['previous', 'current'],
  ['von', 'nach'],
  ['alt', 'neu'],
];
const stateFields = new Set(wordsOf('status state bugstatus incidentstate ticketstatus zustand'));

function wordsOf(list: string): readonly string[] {
  return list.trim().split(/\s+/);
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Whether one of these is what a tool calls a column. `New` alone may be a state. */
const hasColumnNames = (names: readonly string[]): boolean =>
  names.some((name) =>
    [idNames, stateNames, timeNames, fieldNames].some((list) => list.includes(plain(name))),
  ) || changeColumns(names).to !== undefined;

// Whose id, status or time is no ticket's: `performer.id` names a person.
const peopleNames =
  /(?:user|author|actor|performer|agent|assignee|group|team|owner|staff|requester|reporter|creator|customer|contact|company|account|organi[sz]ation|by)s?$/;

/** Finds the column of a list of names; a path is also known by its last parts, the shortest first. */
function byName(columns: readonly string[], list: readonly string[]): string | undefined {
  const forms = columns.map((column) => {
    const parts = column.split('.');
    const before = parts.map((part) => peopleNames.test(plain(part)));
    return {
      column,
      forms: parts.flatMap((_, at) =>
        before.slice(0, at).includes(true) ? [] : [plain(parts.slice(at).join(''))],
      ),
    };
  });
  for (const name of list) {
    const found = forms
      .filter((one) => one.forms.includes(name))
      .toSorted((a, b) => a.forms.indexOf(name) - b.forms.indexOf(name))[0];
    if (found !== undefined) return found.column;
  }
  return undefined;
}

/** The column that names the ticket, by its name alone. */
export const idColumn = (columns: readonly string[]): string | undefined =>
  byName(columns, idNames);

/** Whether a column is called as one of the state is. */
export const hasStateColumn = (columns: readonly string[]): boolean =>
  byName(columns, stateNames) !== undefined || changeColumns(columns).to !== undefined;

/** Whether the first row is one of the data: nothing above it says what its cells are. */
export function isWithoutHeader(
  first: readonly string[],
  others: readonly (readonly string[])[],
  hasMeaning: (value: string) => boolean,
): boolean {
  const cells = first.map((cell) => cell.trim());
  if (hasColumnNames(cells)) return false;
  return cells.some(
    (cell, index) =>
      hasMeaning(cell) ||
      isTime(cell) ||
      /^\d+$/.test(cell) ||
      (cell !== '' && others.some((row) => row[index]?.trim() === cell)),
  );
}

/**
 * What to do where other lines stand above the header, such as a title: it has more cells than the
 * first line, in whichever way they are separated. Empty where nothing looks so.
 */
export function headerHint(width: number, rows: readonly FileRecord[]): string {
  const found = rows.slice(0, 20).find(({ cells = [] }) => {
    const text = cells.join(';');
    const ways = [cells, ...delimiters.map((delimiter) => text.split(delimiter))];
    return ways.some((way) => way.length > width && hasColumnNames(way));
  });
  if (found === undefined) return '';
  return ` Its line ${found.line} looks like the header: delete the lines above it.`;
}

/** Finds the columns that nobody has named, by their names, and else by their values. */
export function guessColumns(
  columns: readonly string[],
  records: readonly FileRecord[],
  given: Columns,
  hasMeaning: (value: string) => boolean,
): Columns {
  const sample = withoutTotals(records);
  const found = { ...given };
  const taken = () => Object.values(found);
  const free = () => columns.filter((column) => !taken().includes(column));
  if (found.state === undefined && found.from === undefined && found.to === undefined) {
    Object.assign(found, changeColumns(columns));
    if (found.to === undefined) {
      found.state = byName(free(), stateNames) ?? byValues(columns, free(), sample, hasMeaning);
      if (found.state === undefined && free().length === 1) found.state = free()[0];
    }
  }
  found.time ??= byName(free(), timeNames) ?? byTimes(columns, free(), sample);
  found.id ??=
    byName(free(), idNames) ??
    byNumbers(columns, free(), sample) ??
    byNumbers(columns, free(), records);
  return found;
}

/**
 * The rows without a total below them, such as `Total,,12`: fewer of its cells are filled than of any
 * row above. Among few rows it would hide what the columns hold.
 */
function withoutTotals(sample: readonly FileRecord[]): readonly FileRecord[] {
  const filled = sample.map(({ cells = [] }) => cells.filter((cell) => cell.trim() !== '').length);
  // The fewest among the first so many rows.
  let fewest = Infinity;
  const before = filled.map((cells) => {
    const above = fewest;
    fewest = Math.min(fewest, cells);
    return above;
  });
  let end = sample.length;
  while (end > 1 && (filled[end - 1] ?? 0) < (before[end - 1] ?? 0)) end -= 1;
  return sample.slice(0, end);
}

function changeColumns(columns: readonly string[]): Pick<Columns, 'from' | 'to'> {
  for (const [before, after] of changeNames) {
    const from = byName(columns, [before]);
    const to = byName(columns, [after]);
    if (from !== undefined && to !== undefined) return { from, to };
  }
  return {};
}

/** In a history of all fields: the condition that leaves the rows of the status. */
export function guessStatusRows(
  columns: readonly string[],
  sample: readonly FileRecord[],
): string | undefined {
  const column = byName(columns, fieldNames);
  if (column === undefined) return undefined;
  const get = getterOf(columns, column);
  const values = new Set(sample.map(get));
  const field = [...values].find((value) => value !== undefined && stateFields.has(plain(value)));
  return field === undefined ? undefined : `${column}=${field}`;
}

/** The column in which the most values have a meaning, and more than half. */
function byValues(
  columns: readonly string[],
  free: readonly string[],
  sample: readonly FileRecord[],
  hasMeaning: (value: string) => boolean,
): string | undefined {
  let best: string | undefined;
  let most = sample.length / 2;
  for (const column of free) {
    const get = getterOf(columns, column);
    const known = sample.filter((record) => {
      const value = get(record);
      return value !== undefined && hasMeaning(value);
    }).length;
    if (known > most) [best, most] = [column, known];
  }
  return best;
}

function byTimes(
  columns: readonly string[],
  free: readonly string[],
  sample: readonly FileRecord[],
): string | undefined {
  return free.find((column) => {
    const get = getterOf(columns, column);
    const values = sample.flatMap((record) => get(record) ?? []);
    // A number may be a time, but mostly it is something else.
    const times = values.filter((value) => !/^\d+$/.test(value) && isTime(value));
    return values.length > 0 && times.length > values.length * 0.9;
  });
}

/**
 * Where the columns have no names, the ticket's is the first with a number in each value, some of
 * which come again. A column that counts the rows names no tickets.
 */
function byNumbers(
  columns: readonly string[],
  free: readonly string[],
  sample: readonly FileRecord[],
): string | undefined {
  if (columns.some((column) => !/^\d+$/.test(column))) return undefined;
  return free.find((column) => {
    const get = getterOf(columns, column);
    const values = sample.map((record) => get(record) ?? '');
    return values.every((value) => /\d/.test(value)) && new Set(values).size < values.length;
  });
}
