import { columnsOf, getterOf, lackOf, nameFault, parseCondition, type Getter } from './fields.ts';
import {
  askedColumns,
  guessColumns,
  guessStatusRows,
  headerHint,
  isWithoutHeader,
  type Columns,
} from './guess.ts';
import type { Histories, HistoryOptions, Steps } from './histories.ts';
import { HistoryError, listed } from './history-error.ts';
import { joined, type UnreadableLine } from './lines.ts';
import { meaningOf } from './suggest-map.ts';
import { nearestName } from './nearest-name.ts';
import { placeOfRows } from './place-of-rows.ts';
import {
  createRecordReader,
  createRecordSample,
  isSound,
  type FileRecord,
  type RecordReader,
  type RecordSample,
} from './records.ts';
import { createRowKeeper } from './row-keeper.ts';
import { headBytes, sniff, type HistoryFormat } from './sniff.ts';
import { emptyValue, wildcard } from './wildcard.ts';

/** Reads the histories of a file, chunk by chunk. */
export interface HistoryReader {
  readonly read: (chunk: Uint8Array) => void;
  readonly end: () => Histories;
}

const mostUnreadable = 20;

/**
 * Starts at the beginning of a file. Throws a `HistoryError` for what can't be read at all.
 *
 * @param steps - how the lifecycle runs, to notice a log that runs the other way
 */
export function createHistoryReader(options: HistoryOptions, steps: Steps): HistoryReader {
  const { map, by } = options;
  const asked = askedColumns(options);
  const ignores = (options.ignore ?? []).map(wildcard);
  const ignoresNothing = options.ignore?.includes(emptyValue) === true;
  const conditions = (options.where ?? []).map(parseCondition);
  const head: Uint8Array[] = [];
  let headLength = 0;
  let reader: RecordReader | undefined;
  let format: HistoryFormat = 'csv';
  let names: string[] = [];
  let hasHeader = true;
  let sample: RecordSample | undefined = createRecordSample();
  let columns: Columns = options;
  let where = options.where ?? [];
  let take: ((record: FileRecord) => void) | undefined;
  let finish: ReturnType<typeof createRowKeeper>['finish'] | undefined;
  const unreadableLines: UnreadableLine[] = [];
  let [records, unreadable, withoutState, unselected, ignored] = [0, 0, 0, 0, 0];
  // Where rows may be inside those that the file has, or the header below other lines.
  let hint = '';
  // Names that were asked for and that no record had so far.
  const missing = new Map<string, Getter>();

  return {
    read(chunk) {
      if (reader !== undefined) return reader.read(chunk);
      // The next chunk may come in the same memory.
      head.push(chunk.slice());
      headLength += chunk.length;
      if (headLength >= headBytes) open(false);
    },
    end() {
      if (reader === undefined) open(true);
      reader?.end();
      if (sample !== undefined) begin();
      if (records > unreadable || hint !== '') refuseMissing([...missing.keys()]);
      return summary();
    },
  };

  function open(isWhole: boolean): void {
    const bytes = joined(head.splice(0), headLength);
    const sniffed = sniff(bytes.subarray(0, headBytes), isWhole);
    if ('looksLike' in sniffed) {
      throw new HistoryError('file', `looks like ${sniffed.looksLike}. ${sniffed.cure}`);
    }
    format = options.format ?? sniffed.format;
    const { delimiter } = options;
    const encoding = options.encoding ?? sniffed.encoding;
    if (format !== 'xes') reader = createRecordReader(format, { encoding, delimiter }, visit);
    else if (options.xes !== undefined) reader = options.xes(encoding, visit);
    else throw new HistoryError('file', 'looks like XES, which is not read here.');
    reader.read(bytes);
  }

  function visit(record: FileRecord | UnreadableLine): void {
    if (sample === undefined) return count(record);
    sample.add(record);
    if (sample.isEnough()) begin();
  }

  /** Finds the columns by the first records, and reads on. */
  function begin(): void {
    const first = sample?.records ?? [];
    sample = undefined;
    const rows = format === 'csv' ? nameCells(first) : first;
    if (format !== 'csv') names = columnsOf(first.filter(isSound));
    choose(rows.filter(isSound));
    for (const record of rows) count(record);
  }

  /** Takes the first row for the names of the columns, if it is. */
  function nameCells(first: readonly (FileRecord | UnreadableLine)[]) {
    const [top, ...others] = first;
    if (top === undefined) return first;
    if ('reason' in top) {
      throw new HistoryError('file', `has no readable header: in line ${top.line}, ${top.reason}.`);
    }
    const cells = (top.cells ?? []).map((cell) => cell.trim());
    const data = others.flatMap((row) =>
      'cells' in row && row.cells !== undefined ? [row.cells] : [],
    );
    hasHeader = options.header ?? !isWithoutHeader(cells, data, isName);
    if (!hasHeader) {
      names = cells.map((_, index) => String(index + 1));
      return first;
    }
    names = cells;
    hint = headerHint(cells.length, others.filter(isSound));
    return others;
  }

  /** A column that is read must be one, whether it was named or guessed. */
  function refuseTwice(): void {
    const read = [
      ...wanted(),
      ...Object.values(columns),
      ...conditions.map(({ column }) => column),
    ];
    const twice = read.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
    if (twice === undefined) return;
    const reason = `has the column ${JSON.stringify(twice)} twice. Rename one of them.`;
    throw new HistoryError('file', reason);
  }

  function isName(value: string): boolean {
    return map.hasEntry(value) || meaningOf(value) !== undefined;
  }

  function wanted(): string[] {
    const named = ['id', 'state', 'from', 'to', 'time'] as const;
    const all = [...named.map((key) => options[key]), by];
    return [...all, ...conditions.map(({ column }) => column)].filter((name) => name !== undefined);
  }

  function choose(rows: readonly FileRecord[]): void {
    // A table says at once which columns it has. Fields may come later.
    if (format === 'csv' && names.length > 0)
      refuseMissing(wanted().filter((name) => !names.includes(name)));
    const isGiven = options.where !== undefined;
    const guessedRows = isGiven ? undefined : guessStatusRows(names, rows);
    columns = guessColumns(names, rows, asked, isName);
    if (options.oneTicket === true) columns = { ...columns, id: undefined };
    if (guessedRows !== undefined && columns.to !== undefined) {
      where = [guessedRows];
      conditions.push(parseCondition(guessedRows));
    }
    if (format === 'csv') refuseTwice();
    const wants = conditions.map(({ prepare }) => prepare(names));
    refuseUnclear(rows);
    const isTimeNamed = options.time !== undefined || format === 'xes';
    const keeper = createRowKeeper({ columns, isTimeNamed, options, steps });
    const get = {
      id: columns.id === undefined ? undefined : getterOf(names, columns.id),
      state: columns.state === undefined ? undefined : getterOf(names, columns.state),
      from: columns.from === undefined ? undefined : getterOf(names, columns.from),
      to: columns.to === undefined ? undefined : getterOf(names, columns.to),
      time: columns.time === undefined ? undefined : getterOf(names, columns.time),
      by: by === undefined ? undefined : getterOf(names, by),
    };
    if (format !== 'csv') for (const name of wanted()) missing.set(name, getterOf(names, name));
    const width = names.length;
    finish = keeper.finish;
    take = (record) => {
      const { line, cells } = record;
      const { length } = cells ?? names;
      if (length !== width)
        return note({ line, reason: `the line has ${length} fields, and the header ${width}` });
      // Files that were put together have it once each.
      if (hasHeader && cells?.every((cell, column) => cell.trim() === names[column]) === true)
        return note({ line, reason: 'the line is the header once more' });
      if (missing.size > 0) lookFor(record);
      if (wants.length > 0 && !wants.every((want) => want(record))) {
        unselected += 1;
        return;
      }
      const id = get.id === undefined ? '1' : get.id(record);
      let state = get.state === undefined ? get.to?.(record) : get.state(record);
      let from = get.from?.(record);
      if (from !== undefined && isIgnored(from)) from = undefined;
      if (id !== undefined && isIgnored(state)) {
        ignored += 1;
        if (from === undefined) return;
        // Where the ticket was before counts all the same, and until the next row.
        state = from;
      }
      if (id === undefined || state === undefined) {
        if (id !== undefined) withoutState += 1;
        const name = id === undefined ? columns.id : (columns.state ?? columns.to);
        const time = { column: columns.time, get: state === undefined ? get.time : undefined };
        return note({ line, reason: lackOf(name, record, time) });
      }
      const group = get.by?.(record);
      const reason = nameFault(id, [state, from, group]);
      if (reason !== undefined) return note({ line, reason });
      const at = keeper.wantsTime() ? get.time?.(record) : undefined;
      keeper.add({ line, id, state, from, time: at, group });
    };
  }

  function refuseUnclear(rows: readonly FileRecord[]): void {
    if (rows.length === 0 && names.length === 0) return;
    const shown = names.length === 0 ? '' : ` Its columns: ${listed(names)}.`;
    hint ||= placeOfRows(rows[0]?.fields, rows.length);
    // One object with rows inside is an answer of an API, whatever its own fields are called.
    const isAlone = rows.length === 1 || names.length === 1;
    const isOutside = hint !== '' && options.state === undefined && isAlone;
    if (columns.to === undefined && (columns.state === undefined || isOutside)) {
      const why = 'does not show which column holds the state. Give --state, or --from and --to.';
      throw new HistoryError('file', `${why}${shown}${hint}`, names);
    }
    const others = names.filter((name) => !Object.values(columns).includes(name));
    if (columns.id !== undefined || others.length === 0 || options.oneTicket === true) return;
    const reason = `does not show which column names the ticket. Give --id.${shown}${hint}`;
    throw new HistoryError('file', reason, names);
  }

  function refuseMissing([name]: readonly string[]): void {
    if (name === undefined) return;
    const near = nearestName(name, names);
    const meant = near === undefined ? '' : ` (did you mean ${near}?)`;
    const reason = `has no column ${JSON.stringify(name)}${meant}. ${namesText()}${hint}`;
    throw new HistoryError('file', reason, names);
  }

  function namesText(): string {
    const said = format === 'csv' ? 'Its first line names the columns' : 'Its columns:';
    return names.length === 0 ? 'It has no columns.' : `${said} ${listed(names)}.`;
  }

  function isIgnored(value: string | undefined): boolean {
    return value === undefined ? ignoresNothing : ignores.some((matches) => matches(value));
  }

  function lookFor(record: FileRecord): void {
    for (const [name, get] of missing) if (get(record) !== undefined) missing.delete(name);
  }

  function count(record: FileRecord | UnreadableLine): void {
    records += 1;
    if ('reason' in record) return note(record);
    take?.(record);
  }

  function note({ line, reason }: UnreadableLine): void {
    unreadable += 1;
    if (unreadableLines.length < mostUnreadable) unreadableLines.push({ line, reason });
  }

  function summary(): Histories {
    const kept = finish ?? createRowKeeper({ columns, isTimeNamed: false, options, steps }).finish;
    const keys = Object.keys(columns) as (keyof Columns)[];
    const guessed = keys.filter((key) => columns[key] !== undefined && asked[key] === undefined);
    return {
      format,
      delimiter: reader?.delimiter?.(),
      encoding: reader?.encoding(),
      hasAudits: reader?.hasAudits?.() === true,
      header: format === 'csv' && hasHeader,
      names,
      columns,
      guessed,
      where,
      isWhereGuessed: options.where === undefined && where.length > 0,
      records,
      unreadable,
      withoutState,
      unreadableLines: unreadableLines.toSorted((a, b) => a.line - b.line),
      unselected,
      ignored,
      ...kept(),
    };
  }
}
