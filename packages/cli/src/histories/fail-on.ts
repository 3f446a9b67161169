import { CliError } from '../cli-error.ts';
import { didYouMean } from '../terminal/did-you-mean.ts';
import { count, percent } from '../terminal/text.ts';
import type { Figures } from './figures.ts';

/** A condition under which `replay` fails, such as `skipped>1%`. */
export interface FailOn {
  readonly text: string;
  readonly name: FailName;
  /** How many are still fine: of all, or of a hundred. */
  readonly most: number;
  readonly isShare: boolean;
}

/** What is counted of a replay, and of how many. */
type Counts = Pick<
  Figures,
  'kinds' | 'changes' | 'tickets' | 'conformance' | 'rework' | 'sla' | 'serviceLevels'
> & {
  readonly unreadable: number;
  readonly rows: number;
  readonly unmapped: Figures['unmapped'];
  readonly order: { readonly isSorted: boolean; readonly unreadable: number } | undefined;
};

type FailName = keyof typeof measures;

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** Rows whose time could not be read, where times were asked for. */
export const unreadableTimes = (order: Counts['order']): number =>
  order?.isSorted === true ? order.unreadable : 0;

const measures = {
  unknown: ({ kinds, changes }: Counts) => [kinds['unknown-status'], changes],
  jump: ({ kinds, changes }: Counts) => [kinds.jump, changes],
  skipped: ({ kinds, changes }: Counts) => [kinds.skipped + kinds.path, changes],
  misfit: ({ conformance, tickets }: Counts) => [tickets - conformance.following, tickets],
  'begins-elsewhere': ({ conformance, tickets }: Counts) => [conformance.beginElsewhere, tickets],
  reopened: ({ rework, tickets }: Counts) => [
    sum(rework.tickets.map((one) => one.tickets)),
    tickets,
  ],
  late: ({ sla }: Counts) => [
    sum(sla.map(({ over, overAndOpen }) => over + overAndOpen)),
    sum(sla.map(({ visits, overAndOpen }) => visits + overAndOpen)),
  ],
  breached: ({ serviceLevels }: Counts) => [
    sum((serviceLevels?.clocks ?? []).map(({ breached }) => breached)),
    sum((serviceLevels?.clocks ?? []).map(({ tickets }) => tickets)),
  ],
  unmapped: ({ unmapped, rows }: Counts) => [sum(unmapped.map((one) => one.count)), rows],
  unreadable: ({ unreadable, rows, order }: Counts) => [unreadable + unreadableTimes(order), rows],
} satisfies Record<string, (counts: Counts) => readonly [number, number]>;

/** The names that a condition may have. */
const failNames = Object.keys(measures) as FailName[];

/** Reads a condition: a name, and how many or how great a share are still fine. */
export function parseFailOn(text: string): FailOn {
  const match = /^\s*([\w-]+)\s*(?:>\s*(\d+(?:\.\d+)?)\s*(%?))?\s*$/.exec(text);
  const [, name = '', most = '0', share = ''] = match ?? [];
  if (match === null) {
    throw new CliError(
      `--fail-on: "${text}" is not a condition. Write a name, or a name and a bound: unknown, 'skipped>1%', 'misfit>10'.`,
    );
  }
  if (!(failNames as string[]).includes(name)) {
    const known = failNames.join(', ');
    throw new CliError(
      `--fail-on: "${name}" is not known. Expected one of ${known}${didYouMean(name, failNames)}.`,
    );
  }
  return { text: text.trim(), name: name as FailName, most: Number(most), isShare: share === '%' };
}

/** Whether a condition is about times: a stay whose times are lost is not late. */
export const isAboutTimes = ({ name }: FailOn): boolean => name === 'late' || name === 'breached';

/** Says for each condition that holds what was found. */
export function failures(conditions: readonly FailOn[], counts: Counts): string[] {
  return conditions.flatMap(({ text, name, most, isShare }) => {
    const [found, all] = measures[name](counts);
    const share = all === 0 ? 0 : found / all;
    // Seven of a thousand are 0.7 %. The numbers of a computer differ by a hair.
    if ((isShare ? share * 100 - 1e-9 : found) <= most) return [];
    return [`${text}: ${count(found)} of ${count(all)} (${percent(share)})`];
  });
}
