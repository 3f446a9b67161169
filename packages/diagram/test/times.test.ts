import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { JSDOM } from 'jsdom';
import { expect, test } from 'vitest';
import { refreshMarkdown, toDot, toMermaid, toSvg } from '../src/index.ts';
import { englishWords } from '../src/words.ts';
import { durationWords } from '../src/picture/times.ts';

const { DOMParser } = new JSDOM('').window;
const read = (svg: string) => new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;

const timed = defineLifecycle({
  meta: {
    sla: {
      clocks: { resolution: { target: 'PT8H', calendar: 'office' }, life: { target: 'PT720H' } },
      calendars: { office: { timeZone: 'Europe/Berlin', hours: { monday: '09:00-17:00' } } },
    },
  },
  initial: 'open',
  states: {
    open: {
      meta: { sla: { resolution: 'run', life: 'run' } },
      on: { WAIT: 'waiting', CLOSE: 'closed' },
    },
    waiting: {
      meta: {
        status: 'open',
        label: 'Waiting on customer',
        due: [
          { after: 'P3D', event: 'NUDGE' },
          { after: 'P7D', event: 'CLOSE' },
        ],
      },
      on: { ANSWER: 'open', NUDGE: 'waiting', CLOSE: 'closed' },
    },
    closed: {
      type: 'final',
      meta: { label: 'Done', sla: { resolution: 'stop', life: 'stop' } },
    },
  },
});

const lines = {
  open: ['resolution runs (8 hours by the calendar office)', 'life runs (720 hours)'],
  waiting: ['after 3 days → Waiting on customer', 'after 7 days → Done'],
  closed: ['resolution stops', 'life stops'],
};

test('a state shows its deadlines and clocks', async () => {
  const svg = read(await toSvg(timed));
  for (const [state, texts] of Object.entries(lines)) {
    const notes = [...svg.querySelectorAll(`[data-state="${state}"] .tl-note`)];
    expect(notes.map((note) => note.textContent).join(' ')).toContain(texts.join(' '));
  }
  expect(svg.querySelector('desc')?.textContent).toContain(
    'Time in Waiting on customer: after 3 days → Waiting on customer; after 7 days → Done.',
  );
  const mermaid = toMermaid(timed);
  const dot = toDot(timed).replaceAll(String.raw`\n`, ' ');
  for (const text of Object.values(lines).flat()) {
    expect(dot).toContain(text);
    expect(mermaid).toContain(text.split(' → ')[0]);
  }
});

test('what time does can be left out, and a marker keeps that', async () => {
  for (const text of [
    await toSvg(timed, { times: false }),
    toMermaid(timed, { times: false }),
    toDot(timed, { times: false }),
  ]) {
    expect(text).not.toMatch(/after \d|runs|stops/);
  }
  const page = '<!-- ticket-lifecycle diagram -->\n<!-- /ticket-lifecycle diagram -->\n';
  expect(refreshMarkdown(page, timed, { times: false })).toContain('diagram times=false -->');
});

test.each([
  ['P7D', '7 days'],
  ['P1D', '1 day'],
  ['PT8H', '8 hours'],
  ['P1Y2M3W', '1 year 2 months 3 weeks'],
  ['P1DT12H30M', '1 day 12 hours 30 minutes'],
  ['P1M', '1 month'],
  ['PT1M', '1 minute'],
  ['PT0.5S', '0.5 seconds'],
  ['P0DT2H', '2 hours'],
  ['PT0S', 'no time'],
])('%s is %s', (duration, words) => {
  expect(durationWords(duration, englishWords)).toBe(words);
});

/** What the legend of an SVG says. */
const legendOf = (svg: string) =>
  [...read(svg).querySelectorAll('[class*="tl-key"] + text')].map((text) => text.textContent);

test('overlays are explained, each that is there and no other', async () => {
  expect(legendOf(await toSvg(ticketLifecycle))).toEqual([]);
  expect(legendOf(await toSvg(ticketLifecycle, { at: 'resolved', previous: 'open' }))).toEqual([
    'the ticket is here',
    'it was here before',
    'possible now',
  ]);
  const counts = [
    { from: 'open', to: 'in-progress', count: 9 },
    { from: 'open', to: 'closed', count: 2 },
  ];
  expect(legendOf(await toSvg(ticketLifecycle, { counts }))).toEqual([
    'the thicker, the more often seen',
    'never seen',
    'several edges at once',
  ]);
  expect(legendOf(await toSvg(ticketLifecycle, { at: 'open', legend: false }))).toEqual([]);
  expect(legendOf(await toSvg(ticketLifecycle, { playable: true }))).toHaveLength(3);
});

test.each([880, 390, 200])('a legend fits into %d px', async (width) => {
  const options = { at: 'open', previous: 'closed', counts: [], width } as const;
  const svg = read(await toSvg(ticketLifecycle, options));
  const whole = Number(svg.getAttribute('width'));
  const plain = read(await toSvg(ticketLifecycle, { ...options, legend: false }));
  expect(whole).toBeLessThanOrEqual(Math.max(Number(plain.getAttribute('width')), 330));
  const bottoms = [...svg.querySelectorAll('text')].map((text) => Number(text.getAttribute('y')));
  expect(Math.max(...bottoms)).toBeLessThan(Number(svg.getAttribute('height')) - 8);
});

test('a final state has a second line around it, and the first a dot before it', async () => {
  const svg = read(await toSvg(timed));
  const outlines = (state: string) => svg.querySelectorAll(`[data-state="${state}"] rect`).length;
  expect([outlines('open'), outlines('closed')]).toEqual([1, 2]);
  expect(svg.querySelectorAll('.tl-start circle')).toHaveLength(1);
});
