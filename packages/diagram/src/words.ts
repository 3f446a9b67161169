import { fill } from './fill-in.ts';
import { givenOf } from './kept-options.ts';

/** The texts of a drawing, but for reasons and names. Names in braces are filled in. */
export interface DiagramWords {
  /** What a drawing without a `title` is called, for people who hear it. */
  readonly title: string;

  /** What the frame around a drawing of a docs site is called, for people who hear it. */
  readonly figure: string;

  /** In the legend. */
  readonly keyCurrent: string;
  readonly keyPrevious: string;
  readonly keyEnabled: string;
  readonly keyBlocked: string;
  readonly keyCounts: string;
  readonly keyNever: string;
  readonly keyPath: string;
  readonly keyJump: string;

  /** A deadline, with `{time}` and `{states}`. */
  readonly due: string;
  /** With `{clock}` and `{time}`. */
  readonly clockRuns: string;
  /** With `{clock}`, `{time}` and `{calendar}`. */
  readonly clockRunsBy: string;
  /** With `{clock}`. */
  readonly clockStops: string;
  /** How long something is, each with `{number}`: for 1, and for all else. */
  readonly year: string;
  readonly years: string;
  readonly month: string;
  readonly months: string;
  readonly week: string;
  readonly weeks: string;
  readonly day: string;
  readonly days: string;
  readonly hour: string;
  readonly hours: string;
  readonly minute: string;
  readonly minutes: string;
  readonly second: string;
  readonly seconds: string;
  readonly noTime: string;

  /** What an event has to carry, with `{fields}`. */
  readonly withFields: string;
  /** The same for an event that names no fields. */
  readonly withData: string;
  /** Why an edge is not taken though its event is possible, with `{reasons}`. */
  readonly notAllHold: string;
  /** Why an event is blocked where all others are too, with `{event}` and `{state}`. */
  readonly allBlocked: string;
  /** A change by several edges, with `{events}`. */
  readonly atOnce: string;
  /** A change that no edges explain. */
  readonly jump: string;

  /** Shown when a pointer rests on the first dot. */
  readonly startsHere: string;
  /** The same on a frame, with `{status}`. */
  readonly frame: string;

  /** Sentences of the description, for people who hear it: with `{state}`. */
  readonly starts: string;
  /** With `{state}`. */
  readonly end: string;
  /** With `{state}` and `{edges}`. */
  readonly edges: string;
  /** With `{event}` and `{state}`. */
  readonly edge: string;
  /** With `{edge}` and `{times}`. */
  readonly edgeSeen: string;
  /** With `{edge}` and `{conditions}`. */
  readonly edgeOn: string;
  /** With `{edge}`. */
  readonly edgeEnabled: string;
  /** With `{edge}` and `{fields}`, which are `withFields`. */
  readonly edgeEnabledWith: string;
  /** With `{edge}` and `{reasons}`. */
  readonly edgeBlocked: string;
  /** With `{state}` and `{times}`, its deadlines and clocks. */
  readonly timesIn: string;
  /** With `{status}` and `{states}`. */
  readonly status: string;
  /** With `{state}`. */
  readonly before: string;
  /** With `{state}`. */
  readonly now: string;
  /** A change that is not an edge, with `{from}`, `{to}`, `{times}` and `{notes}`. */
  readonly seen: string;
  /** With `{number}`. */
  readonly notDrawn: string;
  readonly once: string;
  /** With `{number}`. */
  readonly times: string;

  readonly or: string;
  readonly betweenEdges: string;
  readonly betweenNames: string;
  /** In a number, between thousands and before its decimals. */
  readonly thousands: string;
  readonly decimals: string;
}

/** The built-in texts. */
export const englishWords: DiagramWords = {
  title: 'Ticket lifecycle',
  figure: 'Diagram',
  keyCurrent: 'the ticket is here',
  keyPrevious: 'it was here before',
  keyEnabled: 'possible now',
  keyBlocked: 'blocked now',
  keyCounts: 'the thicker, the more often seen',
  keyNever: 'never seen',
  keyPath: 'several edges at once',
  keyJump: 'a jump that no edges explain',
  due: 'after {time} → {states}',
  clockRuns: '{clock} runs ({time})',
  clockRunsBy: '{clock} runs ({time} by the calendar {calendar})',
  clockStops: '{clock} stops',
  year: '{number} year',
  years: '{number} years',
  month: '{number} month',
  months: '{number} months',
  week: '{number} week',
  weeks: '{number} weeks',
  day: '{number} day',
  days: '{number} days',
  hour: '{number} hour',
  hours: '{number} hours',
  minute: '{number} minute',
  minutes: '{number} minutes',
  second: '{number} second',
  seconds: '{number} seconds',
  noTime: 'no time',
  withFields: 'with {fields}',
  withData: 'with data',
  notAllHold: 'Not all hold: {reasons}',
  allBlocked: '{event} is not possible in {state}, where every event is blocked.',
  atOnce: '{events} at once',
  jump: 'a jump',
  startsHere: 'A ticket starts here.',
  frame: 'Each of these states is {status} for the API.',
  starts: 'A ticket starts in {state}.',
  end: '{state} is an end.',
  edges: 'From {state}: {edges}.',
  edge: '{event} to {state}',
  edgeSeen: '{edge}, seen {times}',
  edgeOn: '{edge} ({conditions})',
  edgeEnabled: '{edge}, enabled',
  edgeEnabledWith: '{edge}, enabled {fields}',
  edgeBlocked: '{edge}, blocked: {reasons}',
  timesIn: 'Time in {state}: {times}.',
  status: 'The status {status} stands for {states}.',
  before: 'The ticket was in {state} before.',
  now: 'The ticket is in {state} now.',
  seen: 'Seen as well: {from} to {to}, {times} ({notes}).',
  notDrawn: 'Not drawn: {number} changes from or to an unknown status.',
  once: 'once',
  times: '{number} times',
  or: ' or ',
  betweenEdges: '; ',
  betweenNames: ', ',
  thousands: ',',
  decimals: '.',
};

/** Some of the texts. One that is left out stays English. */
export type GivenWords = { readonly [Name in keyof DiagramWords]?: DiagramWords[Name] | undefined };

/** The given texts, and the built-in ones where there is none. */
export const wordsOf = (given: GivenWords = {}): DiagramWords => ({
  ...englishWords,
  ...(givenOf(given) as Partial<DiagramWords>),
});

/** A number as people read it: 2,183. Intl would take longer to load than a diagram to draw. */
export const numeral = (value: number, { thousands }: DiagramWords): string =>
  String(value).replace(/\B(?=(\d{3})+$)/g, () => thousands);

/** What an event has to carry. A schema may name no fields. */
export const fieldsText = (fields: readonly string[], words: DiagramWords): string =>
  fields.length === 0
    ? words.withData
    : fill(words.withFields, { fields: fields.join(words.betweenNames) });
