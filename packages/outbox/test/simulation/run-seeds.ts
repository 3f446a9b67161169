// First: it sets the clocks before anything reads one.
import { simulate, type Simulated } from './simulate.ts';
import type { OpenBackend } from './backend.ts';
import type { Breaks } from './fleet.ts';
import type { Findings } from './judge.ts';
import { drawSchedule, keep, type Kept, type Schedule } from './schedule.ts';
import { describeSchedule, shrink, textOf } from './shrink.ts';

/** A seed that broke a promise, made as small as it can be. */
export interface Failure {
  readonly seed: number;
  readonly why: readonly string[];
  /** The smallest schedule that fails, in words. */
  readonly schedule: readonly string[];
  /** What the command line needs to run it again. */
  readonly only: string;
}

/** Whether a run broke any promise. */
export const isBroken = ({ findings }: Simulated): boolean => brokenIn(findings).length > 0;

const brokenIn = (findings: Findings) =>
  (Object.keys(findings) as (keyof Findings)[]).filter(
    (name) => name !== 'changes' && findings[name] > 0,
  );

/** The sums of what came of several schedules. */
export function sumOf(all: readonly Findings[]): Record<keyof Findings, number> {
  const none = { changes: 0, lost: 0, duplicates: 0, disorder: 0, over: 0, own429s: 0 };
  const sums: Record<keyof Findings, number> = { ...none, stranded: 0, silent: 0, wrong: 0 };
  for (const findings of all) {
    for (const name of Object.keys(sums) as (keyof Findings)[]) sums[name] += findings[name];
  }
  return sums;
}

/** The first place in which two runs of one schedule differ, or nothing. */
export function differenceOf(one: Simulated, other: Simulated): string | undefined {
  const at = one.trace.findIndex((line, index) => line !== other.trace[index]);
  if (at !== -1) return `${one.trace[at]} | ${other.trace[at]}`;
  const isSame = one.trace.length === other.trace.length && one.events === other.events;
  return isSame ? undefined : `${one.events} events | ${other.events} events`;
}

/** How the ends of one schedule differ on two stores, change by change (see `isTimeless`). */
export function twinDifferences(one: Simulated, other: Simulated): string[] {
  return [...one.ends].flatMap(([id, end]) =>
    other.ends.get(id) === end ? [] : [`${id}: ${end} | ${other.ends.get(id)}`],
  );
}

/** Makes a schedule that broke a promise smaller, as long as it breaks one of the same promises. */
export async function explainFailure(
  schedule: Schedule,
  found: Simulated,
  openBackend: OpenBackend,
  breaks?: () => Breaks,
): Promise<Failure> {
  const names = brokenIn(found.findings);
  const { schedule: smallest, kept } = await shrink(schedule, async (smaller) => {
    const { findings } = await simulate(smaller, openBackend, breaks?.());
    return names.some((name) => findings[name] > 0);
  });
  const { why } = await simulate(smallest, openBackend, breaks?.());
  const { seed } = schedule;
  return { seed, why, schedule: describeSchedule(smallest), only: textOf(kept) };
}

/**
 * The first seed by which a bug shows, or `undefined` where these do not show it.
 *
 * @param likely - a seed that has shown it before; it is tried before all others
 */
export async function seedsUntilFound(
  run: (schedule: Schedule) => Promise<Simulated>,
  most: number,
  likely?: number,
): Promise<number | undefined> {
  if (likely !== undefined && isBroken(await run(drawSchedule(likely)))) return likely;
  for (let seed = 1; seed <= most; seed += 1) {
    if (isBroken(await run(drawSchedule(seed)))) return seed;
  }
  return undefined;
}

/** The schedule of a seed, or what is kept of it. */
export function scheduleOf(seed: number, kept?: Kept): Schedule {
  const schedule = drawSchedule(seed);
  return kept === undefined ? schedule : keep(schedule, kept);
}
