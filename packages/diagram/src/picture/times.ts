import type { Lifecycle } from '@ticket-lifecycle/core';

/**
 * What time does in a state, in words: its deadlines (`meta.due`), and the clocks (`meta.sla`) that
 * run or stop there. Core has checked both.
 */
export function timesIn(
  lifecycle: Lifecycle,
  state: string,
  called: (name: string) => string,
): string[] {
  const { due = [] } = lifecycle.metaOf(state) as { due?: Due | readonly Due[] };
  const list = Array.isArray(due) ? (due as readonly Due[]) : [due as Due];
  const deadlines = list.map(({ after, event }) => {
    const targets = lifecycle
      .edgesOf(event)
      .flatMap(({ from, to }) => (from === state ? [to] : []));
    return `after ${durationWords(after)} → ${[...new Set(targets)].map(called).join(' or ')}`;
  });
  const clocks = lifecycle.sla.clocks.flatMap(({ name, target, calendar, runsIn, stopsIn }) => {
    const hours = calendar === undefined ? '' : ` by the calendar ${calendar}`;
    if (runsIn.includes(state)) return [`${name} runs (${durationWords(target)}${hours})`];
    return stopsIn.includes(state) ? [`${name} stops`] : [];
  });
  return [...deadlines, ...clocks];
}

interface Due {
  readonly after: string;
  readonly event: string;
}

const units: Readonly<Record<string, string>> = {
  Y: 'year',
  M: 'month',
  W: 'week',
  D: 'day',
  TH: 'hour',
  TM: 'minute',
  TS: 'second',
};

/** `P1DT12H` as "1 day 12 hours". */
export function durationWords(duration: string): string {
  const [days = '', clock = ''] = duration.replace(/^P/, '').split('T');
  const words = (text: string, prefix: string) =>
    Array.from(text.matchAll(/([\d.,]+)([A-Z])/g), ([, number = '', unit = '']) => {
      const name = units[`${prefix}${unit}`] ?? unit;
      return Number(number) === 0 ? [] : [`${number} ${name}${number === '1' ? '' : 's'}`];
    }).flat();
  return [...words(days, ''), ...words(clock, 'T')].join(' ') || 'no time';
}
