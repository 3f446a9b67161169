import { CliError } from '../cli-error.ts';
import { didYouMean } from '../terminal/did-you-mean.ts';
import type { Fields } from '@ticket-lifecycle/internal/histories/json/json-lines';
import { splitCondition, wildcard } from '@ticket-lifecycle/internal/histories/wildcard';

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
export function createSelection({ only = [], where = [] }: Selection) {
  const tickets = only.map((pattern) => ({ pattern, matches: wildcard(pattern), isUsed: false }));
  const conditions = where.map((text) => ({ ...parseCondition(text), text, isKnown: false }));
  const names = new Set<string>();
  let selected = 0;
  let skipped = 0;
  const wantsAll = tickets.length === 0 && conditions.length === 0;
  return {
    selects: wantsAll ? () => true : selects,
    /** Notes the columns of a CSV: an empty cell does not count as a field of its line. */
    hasColumns(columns: readonly string[]): void {
      for (const condition of conditions) condition.isKnown ||= columns.includes(condition.field);
    },
    /** Lines that were not wanted. */
    get skipped() {
      return skipped;
    },
    /** What is wrong with the selection, once all lines were seen; or `undefined`. */
    fault(): string | undefined {
      const unknown = conditions.find(({ isKnown }) => !isKnown)?.field;
      if (unknown !== undefined) {
        return `--where: no line has a field "${unknown}"${didYouMean(unknown, [...names])}.`;
      }
      const unused = tickets.find(({ isUsed }) => !isUsed)?.pattern;
      if (unused !== undefined) return `--only: no line has a ticket "${unused}".`;
      const isEmpty = selected === 0 && !wantsAll;
      return isEmpty ? 'No line fits --only and --where together.' : undefined;
    },
  };

  function selects(fields: Fields): boolean {
    const isSelected = isOfTicket(textOf(fields['ticketId'])) && fitsAll(fields);
    if (isSelected) selected += 1;
    else skipped += 1;
    return isSelected;
  }

  /** Also marks every pattern that fits, and not only the first. */
  function isOfTicket(ticketId: string): boolean {
    let isOne = tickets.length === 0;
    for (const ticket of tickets) {
      if (!ticket.matches(ticketId)) continue;
      ticket.isUsed = true;
      isOne = true;
    }
    return isOne;
  }

  function fitsAll(fields: Fields): boolean {
    let fits = true;
    for (const condition of conditions) {
      const { field, matches, negated } = condition;
      if (!condition.isKnown) {
        condition.isKnown = Object.hasOwn(fields, field);
        if (!condition.isKnown) note(fields);
      }
      if (matches(textOf(fields[field])) === negated) fits = false;
    }
    return fits;
  }

  function note(fields: Fields): void {
    for (const name in fields) {
      if (names.size < mostNames && name.length <= longestName) names.add(name);
    }
  }
}

// To guess what was meant. Names come from outside, and must not fill the memory.
const mostNames = 1000;
const longestName = 100;

function parseCondition(text: string): Condition {
  const parsed = splitCondition(text, 'FIELD');
  if ('fault' in parsed) throw new CliError(`--where: ${parsed.fault}`);
  return { field: parsed.name, negated: parsed.isNegated, matches: parsed.matches };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
