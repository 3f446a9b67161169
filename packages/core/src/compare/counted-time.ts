import type { Sla } from '../sla/read-sla.ts';
import type { WorkingHours } from '../sla/working-calendar.ts';

/*
 * What `meta.sla` counts, as data that is equal where the same is counted: how it is written and
 * in which order do not matter.
 */

/** What the clocks of a lifecycle count, whatever the states. */
export const countedBy = ({ clocks, calendars }: Sla): unknown => [
  clocks
    .map(({ name, targetMs, calendar, per, afterStop }) => [
      name,
      targetMs,
      calendar,
      per,
      afterStop,
    ])
    .sort(byFirst),
  [...calendars]
    .map(([name, { timeZone, week, days }]) => [
      name,
      timeZone,
      week.map(joined),
      [...days].map(([day, hours]) => [day, joined(hours)]).sort(byFirst),
    ])
    .sort(byFirst),
];

/** The clocks that run in a state, and those that stop there. All others pause. */
export const rolesIn = (state: string, { clocks }: Sla): unknown =>
  clocks
    .flatMap(({ name, runsIn, stopsIn }) => {
      if (runsIn.includes(state)) return [[name, 'run']];
      return stopsIn.includes(state) ? [[name, 'stop']] : [];
    })
    .sort(byFirst);

/** Hours that follow each other without a gap, as one. */
function joined(hours: readonly WorkingHours[]): readonly WorkingHours[] {
  const whole: WorkingHours[] = [];
  for (const { from, until } of hours) {
    const last = whole.at(-1);
    if (last?.until === from) whole[whole.length - 1] = { from: last.from, until };
    else whole.push({ from, until });
  }
  return whole;
}

const byFirst = ([a]: readonly unknown[], [b]: readonly unknown[]): number =>
  String(a) < String(b) ? -1 : 1;
