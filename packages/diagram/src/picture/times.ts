import type { Lifecycle } from '@ticket-lifecycle/core';
import { fill } from '../fill-in.ts';
import type { DiagramWords } from '../words.ts';

/**
 * What time does in a state, in words: its deadlines (`meta.due`), and the clocks (`meta.sla`) that
 * run or stop there. Core has checked both.
 */
export function timesIn(
  lifecycle: Lifecycle,
  state: string,
  called: (name: string) => string,
  words: DiagramWords,
): string[] {
  const { due = [] } = lifecycle.metaOf(state) as { due?: Due | readonly Due[] };
  const list = Array.isArray(due) ? (due as readonly Due[]) : [due as Due];
  const deadlines = list.map(({ after, event }) => {
    const targets = lifecycle
      .edgesOf(event)
      .flatMap(({ from, to }) => (from === state ? [to] : []));
    const time = durationWords(after, words);
    return fill(words.due, { time, states: [...new Set(targets)].map(called).join(words.or) });
  });
  const clocks = lifecycle.sla.clocks.flatMap(({ name, target, calendar, runsIn, stopsIn }) => {
    const values = { clock: name, time: durationWords(target, words) };
    if (runsIn.includes(state)) {
      return calendar === undefined
        ? [fill(words.clockRuns, values)]
        : [fill(words.clockRunsBy, { ...values, calendar })];
    }
    return stopsIn.includes(state) ? [fill(words.clockStops, values)] : [];
  });
  return [...deadlines, ...clocks];
}

interface Due {
  readonly after: string;
  readonly event: string;
}

const units = {
  Y: ['year', 'years'],
  M: ['month', 'months'],
  W: ['week', 'weeks'],
  D: ['day', 'days'],
  TH: ['hour', 'hours'],
  TM: ['minute', 'minutes'],
  TS: ['second', 'seconds'],
} as const;

/** `P1DT12H` as "1 day 12 hours". */
export function durationWords(duration: string, words: DiagramWords): string {
  const [days = '', clock = ''] = duration.replace(/^P/, '').split('T');
  const partsOf = (text: string, prefix: string) =>
    Array.from(text.matchAll(/([\d.,]+)([A-Z])/g), ([, number = '', unit = '']) => {
      const [one, many] = units[`${prefix}${unit}` as keyof typeof units];
      if (Number(number.replace(',', '.')) === 0) return [];
      const shown = number.replace(/[.,]/, () => words.decimals);
      return [fill(words[number === '1' ? one : many], { number: shown })];
    }).flat();
  return [...partsOf(days, ''), ...partsOf(clock, 'T')].join(' ') || words.noTime;
}
