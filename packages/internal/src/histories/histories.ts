import type { DateOrder } from './times/time-reader.ts';
import type { Columns } from './guess.ts';
import type { Encoding, UnreadableLine } from './lines.ts';
import type { RecordReader, VisitRecord } from './records.ts';
import type { HistoryFormat } from './sniff.ts';
import type { ZoneClocks, ZoneReading } from './times/time-zone.ts';
import type { ValueMap } from './value-map.ts';

/*
 * How histories are read
 *
 * A history is what somebody's log says of a ticket: on each row the state that it is in, or the
 * change from one to another. The rows of many tickets may alternate. history-reader.ts takes the
 * bytes of a file and gives the rows in order of time.
 *
 *   bytes    sniff.ts tells the format by the first bytes, or what else it looks like and what to
 *            do; lines.ts makes letters of bytes, in the encoding that the file has
 *   records  cells (delimited.ts) or fields by name (JSON lines, JSON arrays and documents, XES)
 *   columns  a header, or none (guess.ts); which column is the ticket, the state, the time: what
 *            was named, else what the names and the values of the first rows tell
 *   rows     kept as numbers (row-store.ts), since only the last row shows whether all were in
 *            order. The order of time is the time column's where it was named. Where it was not,
 *            nothing is sorted, but whatever speaks against the order of the file is told
 *
 * Nothing is passed over silently: rows that can't be read, that are not wanted or to be ignored
 * are counted, and so are times that can't be read, rows that had to be moved, and entries of the
 * map that no value has met.
 *
 * The command line and the playground both read so. Nothing here needs Node.js.
 */

/** How to read histories. */
export interface HistoryOptions extends Columns {
  /** @defaultValue what the first bytes look like */
  readonly format?: HistoryFormat | undefined;
  /** @defaultValue what the first lines look like */
  readonly delimiter?: string | undefined;
  /** @defaultValue what the bytes look like */
  readonly encoding?: Encoding | undefined;
  /** Whether the first row names the columns. */
  readonly header?: boolean | undefined;
  /** Which rows are wanted: `column=value` or `column!=value`, all of them. */
  readonly where?: readonly string[] | undefined;
  /** Values of the state that are passed over: `*` stands for anything, `""` for no value. */
  readonly ignore?: readonly string[] | undefined;
  /** A column by whose value tickets are grouped: that of a ticket's first row. */
  readonly by?: string | undefined;
  /** How the rows of the file stand. @defaultValue looked at, not changed */
  readonly order?: 'oldest-first' | 'newest-first' | undefined;
  /** What comes first in `03/04/2026`. */
  readonly dates?: DateOrder | undefined;
  /** The clocks by which times without a zone are read. @defaultValue UTC */
  readonly clocks?: ZoneClocks | undefined;
  /** Whether all rows are of one ticket, whatever columns there are. */
  readonly oneTicket?: boolean | undefined;
  readonly map: ValueMap;
  /** Makes the reader of XES, where it was loaded. */
  readonly xes?: ((encoding: Encoding | 'detect', visit: VisitRecord) => RecordReader) | undefined;
}

/** What the reader asks of a lifecycle, to see which way a log runs. */
export interface Steps {
  /** Whether the second value follows the first in one step. */
  readonly isStep: (from: string, to: string) => boolean;
  /** Whether a ticket begins so. */
  readonly isInitial: (value: string) => boolean;
}

/**
 * Takes a row of a ticket's history.
 *
 * @param ticket - its number in `tickets`
 * @param value - the number of the state in `values`
 * @param at - milliseconds since 1970 (UTC), or NaN
 */
export type VisitRow = (ticket: number, value: number, at: number, line: number) => void;

/** Very many tickets, by their numbers from 0 on. */
export interface Tickets {
  readonly count: number;
  readonly idOf: (ticket: number) => string;
}

/** What was read, and how. */
export interface Histories {
  readonly format: HistoryFormat;
  readonly delimiter: string | undefined;
  readonly encoding: Encoding | undefined;
  /** Whether the rows are changes of audits, as Zendesk's API gives them. */
  readonly hasAudits: boolean;
  readonly header: boolean;
  /** All columns of the file. */
  readonly names: readonly string[];
  readonly columns: Columns;
  /** The names of those that were guessed. */
  readonly guessed: readonly (keyof Columns)[];
  readonly where: readonly string[];
  readonly isWhereGuessed: boolean;
  /** Rows of the file, the header aside. */
  readonly records: number;
  readonly unreadable: number;
  /** Those of them that name a ticket, and no state. */
  readonly withoutState: number;
  /** The first of them. */
  readonly unreadableLines: readonly UnreadableLine[];
  /** Rows that are not wanted, and rows whose value is passed over. */
  readonly unselected: number;
  readonly ignored: number;
  /** Rows that are kept. One that names a change may stand for two. */
  readonly rows: number;
  readonly tickets: Tickets;
  /** The different values of the state, and how often each came. */
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** The value of `by`, by the number of the ticket. */
  readonly groups: readonly string[] | undefined;
  readonly times: HistoryTimes | undefined;
  /** What speaks against the order of the rows. */
  readonly disorder: Disorder | undefined;
  /** Gives the next rows in order, so many at most; `false` when there are no more. */
  readonly take: (visit: VisitRow, most?: number) => boolean;
}

/** What the time column shows. */
export interface HistoryTimes {
  readonly column: string;
  /** Whether the rows were put in its order: it was named. */
  readonly isSorted: boolean;
  readonly unreadable: number;
  /** The rows whose time can't be read: the first thousand. */
  readonly unreadableTimes: readonly UnreadableTime[];
  /**
   * Rows with the same time as the ticket's row before that say something else, in the order of time
   * where it was sorted.
   */
  readonly ties: number;
  /** Rows that name the very change of the ticket's row before, at the same time: counted once. */
  readonly repeated: number;
  /** The first tickets that have such rows. */
  readonly tiedTickets: readonly string[];
  /** Rows with an earlier time than the ticket's row before. */
  readonly falls: number;
  /** Whether the newest rows stand first: then rows at the same time are taken from below. */
  readonly isNewestFirst: boolean;
  readonly first: number;
  readonly last: number;
  /** Absent where each time has its zone. */
  readonly zone: ZoneReading | undefined;
  readonly dates: { readonly order: DateOrder; readonly isGuess: boolean } | undefined;
}

/** A row whose time can't be read. */
export interface UnreadableTime {
  readonly line: number;
  readonly ticketId: string;
  /** What it has there; `undefined` for nothing. */
  readonly value: string | undefined;
}

/** Why the rows may not be in order of time. */
export type Disorder =
  /** The times of a column fall within tickets. */
  | {
      readonly kind: 'times-fall';
      readonly column: string;
      /** Rows with an earlier, and with a later time than the ticket's row before. */
      readonly falls: number;
      readonly rises: number;
      /** Few rows only: late entries, as most logs have them. */
      readonly isSlight: boolean;
    }
  /**
   * Read from below, the changes are single steps more often, and more tickets begin where the
   * lifecycle does.
   */
  | { readonly kind: 'steps-backwards'; readonly forwards: number; readonly backwards: number };
