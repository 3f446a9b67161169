import type { LocalTime } from '@ticket-lifecycle/core/time-zone';
import type { Histories } from '@ticket-lifecycle/internal/histories/histories';
import { timeZoneFault } from '@ticket-lifecycle/internal/histories/times/time-zone';
import { CliError } from '../cli-error.ts';

/**
 * The clocks of `--time-zone`. What knows them is loaded where somebody asks for a zone.
 *
 * @throws CliError for what is not the name of a zone
 */
export async function readClocks(name: string | undefined): Promise<LocalTime | undefined> {
  if (name === undefined) return undefined;
  const fault = timeZoneFault(name);
  if (fault !== undefined) throw new CliError(`--time-zone: ${fault}`);
  const { localTimeIn } = await import('@ticket-lifecycle/core/time-zone');
  return localTimeIn(name);
}

/** Refuses a zone where no time is read: it would change nothing. */
export function checkSorted(
  { times, rows }: Pick<Histories, 'times' | 'rows'>,
  name: string | undefined,
): void {
  if (name === undefined || rows === 0 || times?.isSorted === true) return;
  throw new CliError('--time-zone needs --time: name the column with the time.');
}

/** A moment in ISO 8601, as the clocks show it: `2026-03-02T09:00:00.000+01:00`, or in UTC. */
export function isoText(at: number, clocks: LocalTime | undefined): string {
  if (clocks === undefined) return new Date(at).toISOString();
  const local = clocks.localOf(at);
  const minutes = Math.round(Math.abs(local - at) / 60_000);
  const two = (number: number) => String(number).padStart(2, '0');
  const distance = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${new Date(local).toISOString().slice(0, -1)}${local < at ? '-' : '+'}${distance}`;
}

/** The month in which the clocks show a moment. Most rows lie in few days, which are remembered. */
export function monthsIn(clocks: LocalTime): (at: number) => string {
  const months = new Map<number, string>();
  return (at) => {
    const local = clocks.localOf(at);
    const day = Math.floor(local / 86_400_000);
    const month = months.get(day) ?? new Date(local).toISOString().slice(0, 7);
    if (months.size < 100_000) months.set(day, month);
    return month;
  };
}
