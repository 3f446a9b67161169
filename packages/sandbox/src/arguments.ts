/**
 * The arguments of the command `ticket-lifecycle-sandbox`. They are refused in the words of
 * `ticket-lifecycle sandbox`, which has the same options.
 */
import { parseArgs } from 'node:util';
import { type FaultKind, isFaultKind } from './faults/fault-kinds.ts';
import { type LimitAlgorithm, limitAlgorithms } from './limits/create-rate-limit.ts';

/** What the command was asked for. */
export interface Arguments {
  readonly port: number;
  readonly tickets: readonly string[];
  readonly limit: LimitAlgorithm | 'none' | undefined;
  readonly requestsPerSecond: number | undefined;
  readonly burst: number | undefined;
  readonly faults: readonly FaultKind[];
  readonly faultRate: number | undefined;
  readonly seed: number | undefined;
  /** What is only printed, if anything is. */
  readonly shows: 'faults' | 'help' | 'version' | undefined;
}

/** A mistake at the command line, in a sentence. */
export class ArgumentError extends Error {}

const limits = [...limitAlgorithms, 'none'] as const;

// The options that take a value, as the help writes them.
const flags = {
  port: '--port <n>',
  ticket: '--ticket <id>',
  limit: '--limit <algorithm>',
  'requests-per-second': '--requests-per-second <n>',
  burst: '--burst <n>',
  fault: '--fault <name>',
  'fault-rate': '--fault-rate <share>',
  seed: '--seed <n>',
} as const;
const shown = ['faults', 'help', 'version'] as const;

type Name = keyof typeof flags;

const isName = (name: string): name is Name => Object.hasOwn(flags, name);
const repeatable: readonly Name[] = ['ticket', 'fault'];

/** Reads a value; `refuse` says why it is wrong, after naming it. */
type Reader<Value> = (text: string, refuse: (why: string) => never) => Value;

/**
 * Reads the arguments of the command.
 *
 * @throws ArgumentError for the first mistake
 */
export function readArguments(args: readonly string[]): Arguments {
  const { given, shows } = sorted(args);
  const all = <Value>(name: Name, read: Reader<Value>): readonly Value[] =>
    given(name).map((text) => {
      const option = `option '${flags[name]}'`;
      // Not repeated: it may be a key that was passed in its place.
      if (text.trim() === '') throw new ArgumentError(`${option} is empty. Is a variable unset?`);
      return read(text, (why) => {
        throw new ArgumentError(`${option} argument '${text.slice(0, 60)}' is invalid. ${why}`);
      });
    });
  const one = <Value>(name: Name, read: Reader<Value>): Value | undefined => all(name, read)[0];

  const known = new Set<string>();
  const tickets = all('ticket', (ticketId, refuse) => {
    if (known.has(ticketId)) refuse('There is such a ticket already. Give each one once.');
    known.add(ticketId);
    return ticketId;
  });
  const limit = one('limit', limitNamed);
  const burst = one('burst', wholeNumber(1));
  const faultRate = one('fault-rate', share);
  const seed = one('seed', wholeNumber(0));
  if (burst !== undefined && limit !== 'leaky-bucket') {
    throw new ArgumentError(
      `--burst has no effect with --limit ${limit ?? 'sliding-log'}. Leave it out, or choose --limit leaky-bucket.`,
    );
  }
  if (seed !== undefined && faultRate === undefined) {
    throw new ArgumentError(
      '--seed has no effect without --fault-rate. Leave it out, or add that.',
    );
  }
  return {
    port: one('port', wholeNumber(0, 65_535)) ?? 4010,
    tickets,
    limit,
    requestsPerSecond: one('requests-per-second', wholeNumber(1)),
    burst,
    faults: all('fault', faultNamed),
    faultRate,
    seed,
    shows,
  };
}

const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER): Reader<number> =>
  (text, refuse) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    const isOpen = most === Number.MAX_SAFE_INTEGER;
    const range = isOpen ? ` of at least ${least}` : ` from ${least} to ${most}`;
    return refuse(`It takes a whole number${range}.`);
  };

const share: Reader<number> = (text, refuse) => {
  const number = /^(0?\.\d+|[01](\.0*)?)$/.test(text) ? Number(text) : Number.NaN;
  if (number > 0 && number <= 1) return number;
  return refuse('It takes a number above 0 and at most 1, such as 0.5.');
};

const limitNamed: Reader<(typeof limits)[number]> = (text, refuse) =>
  limits.find((name) => name === text) ?? refuse(`Allowed choices are ${limits.join(', ')}.`);

const faultNamed: Reader<FaultKind> = (text, refuse) =>
  isFaultKind(text) ? text : refuse('There is no such fault; --faults lists them.');

/** The values of each option, in order. */
function sorted(args: readonly string[]) {
  const values = new Map<Name, string[]>();
  let shows: Arguments['shows'];
  const strings = Object.keys(flags).map((name) => [name, { type: 'string' }] as const);
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(strings),
    // Its own errors speak to programmers.
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional')
      throw new ArgumentError(
        `unexpected argument '${token.value}'. A ticket is given by --ticket.`,
      );
    const { name, rawName, value } = token;
    const show = shown.find((known) => known === name);
    if (show !== undefined && value === undefined) shows ??= show;
    else if (show !== undefined) throw new ArgumentError(`option '${rawName}' takes no argument`);
    else if (!isName(name)) throw new ArgumentError(`unknown option '${rawName}'`);
    else if (value === undefined)
      throw new ArgumentError(`option '${flags[name]}' argument missing`);
    else if (values.has(name) && !repeatable.includes(name))
      throw new ArgumentError(`option '${flags[name]}' was given already. Give one of them.`);
    else values.set(name, [...(values.get(name) ?? []), value]);
  }
  return { given: (name: Name): readonly string[] => values.get(name) ?? [], shows };
}
