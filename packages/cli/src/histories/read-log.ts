import type { Lifecycle } from '@ticket-lifecycle/core';
import type { LocalTime } from '@ticket-lifecycle/core/time-zone';
import type { Histories, HistoryOptions } from '@ticket-lifecycle/internal/histories/histories';
import type { ValueMap } from '@ticket-lifecycle/internal/histories/value-map';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { visible } from '../rows/input.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { several } from '../terminal/text.ts';
import { disorderText, isSevere } from './disorder.ts';
import { readHistories } from './read-histories.ts';
import { readStatusMap } from './status-map.ts';
import { checkSorted, readClocks } from './time-zone.ts';

/** The options of a log, as `commands/log-options.ts` adds them to a command. */
export interface LogOptions extends Pick<
  HistoryOptions,
  | 'id'
  | 'state'
  | 'from'
  | 'to'
  | 'time'
  | 'by'
  | 'where'
  | 'ignore'
  | 'order'
  | 'format'
  | 'encoding'
  | 'dates'
> {
  readonly delimiter?: keyof typeof delimiters | undefined;
  /** `false` for `--no-header`. */
  readonly header?: boolean | undefined;
  readonly map?: readonly string[] | undefined;
  readonly timeZone?: string | undefined;
  readonly allowEmpty?: true | undefined;
}

/** A log that was read, and how its values and times are understood. */
export interface Log {
  readonly file: string;
  readonly histories: Histories;
  readonly map: ValueMap;
  readonly clocks: LocalTime | undefined;
}

const delimiters = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;

/**
 * Reads a log for any command: the same options mean the same, and the same logs are refused.
 *
 * @param lifecycle - in which order changes are to be expected
 * @param names - the states and statuses that a value of the log may stand for
 * @throws CliError for options that contradict each other, and for a log without rows or times
 */
export async function readLog(
  file: string,
  lifecycle: Lifecycle,
  names: readonly string[],
  options: LogOptions,
  terminal: Pick<Terminal, 'output' | 'messages'>,
): Promise<Log> {
  checkOptions(options);
  const clocks = await readClocks(options.timeZone);
  const map = await readStatusMap(options.map ?? [], names);
  const delimiter = options.delimiter && delimiters[options.delimiter];
  const header = options.header === false ? false : undefined;
  const reading = { ...options, delimiter, header, map, clocks };
  const histories = await readHistories(file, lifecycle, reading, terminal);
  if (!terminal.output.closed.aborted) {
    checkRows(file, histories, options);
    checkTimes(histories);
    checkSorted(histories, options.timeZone);
  }
  return { file, histories, map, clocks };
}

/** The option of a log that was given, where there is no log: it would change nothing. */
export function givenLogOption(options: LogOptions): string | undefined {
  const { id, state, from, to, time, map, ignore, where, order, format, dates } = options;
  const { delimiter, encoding, header, timeZone, allowEmpty } = options;
  const columns = { id, state, from, to, time };
  const given = Object.entries({
    ...columns,
    map,
    ignore,
    where,
    order,
    format,
    delimiter,
    encoding,
    dates,
    'no-header': header === false ? true : undefined,
    'time-zone': timeZone,
    'allow-empty': allowEmpty,
  });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  return name === undefined ? undefined : `--${name}`;
}

/** Refuses a log in the wrong order where all that is made of it would be wrong. */
export function refuseDisorder({ file, histories }: Log, unmade: string): void {
  const { disorder } = histories;
  if (disorder === undefined || !isSevere(disorder)) return;
  const text = `${visible(file)}: ${disorderText(disorder)} ${unmade}`;
  throw new CliError(text, exitCodes.unreadable);
}

function checkOptions({ state, from, to, time, order }: LogOptions): void {
  if (from !== undefined && to === undefined) throw new CliError('--from needs --to.');
  if (to !== undefined && state !== undefined) {
    throw new CliError('--to and --state both name the state after a change. Give one of them.');
  }
  if (time !== undefined && order !== undefined) {
    throw new CliError('--time sorts the rows, so --order has no meaning. Give one of them.');
  }
}

function checkRows(
  file: string,
  { records, unselected, ignored, rows }: Histories,
  { allowEmpty }: LogOptions,
): void {
  if (rows > 0 || unselected + ignored < records || allowEmpty === true) return;
  const why =
    records === 0
      ? 'has no rows. Did its export fail?'
      : `has ${several(records, 'row')}, and --where and --ignore leave none of them.`;
  throw new CliError(
    `${visible(file)} ${why} --allow-empty takes it as it is.`,
    exitCodes.unreadable,
  );
}

function checkTimes({ times, rows }: Histories): void {
  if (times?.isSorted !== true || rows === 0 || times.unreadable < rows) return;
  throw new CliError(
    `No time in "${times.column}" can be read. Times look like 2026-03-02T09:00:00Z, 02.03.2026 09:00 or 1772442000.`,
    exitCodes.unreadable,
  );
}
