import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { toDot, toMermaid, toSvg, type Counts } from '../src/index.ts';

const history = ['open', 'in-progress', 'resolved', 'closed', 'open', 'in-progress'];
const arrows = (counts: Counts) =>
  toMermaid(ticketLifecycle, { counts })
    .split('\n')
    .filter((line) => line.includes(' --> ') && line.includes(': '))
    .map((line) => line.trim());

test('a replayed history is counted on the edges that it took', () => {
  expect(arrows(ticketLifecycle.replay(history))).toEqual([
    'open --> in_progress: START · 2',
    'in_progress --> resolved: RESOLVE · 1',
    'resolved --> closed: CLOSE · 1',
    'resolved --> open: REOPEN · 0',
    'closed --> open: REOPEN · 1',
  ]);
});

test('histories and lists of counts add up', () => {
  const counts = [
    ticketLifecycle.replay(history),
    ticketLifecycle.replay(history),
    { from: 'open', to: 'in-progress', count: 2179 },
  ];
  expect(arrows(counts)[0]).toBe('open --> in_progress: START · 2,183');
});

test('a list and a replay that saw the same change are one arrow', () => {
  const counts = [
    ticketLifecycle.replay(['open', 'resolved']),
    { from: 'open', to: 'resolved', count: 2 },
  ];
  expect(arrows(counts).slice(5)).toEqual(['open --> resolved: 3<br/>START, RESOLVE at once']);
});

test('several steps at once are a dashed arrow of their own, named by the steps', () => {
  const counts = [ticketLifecycle.replay(['open', 'resolved', 'in-progress'])];
  expect(arrows(counts).slice(5)).toEqual([
    'open --> resolved: 1<br/>START, RESOLVE at once',
    'resolved --> in_progress: 1<br/>REOPEN, START at once',
  ]);
  expect(toDot(ticketLifecycle, { counts }).match(/style=dashed/g)).toHaveLength(2);
});

test('a change that nothing explains is a jump', async () => {
  const lifecycle = defineLifecycle(
    createMachine({
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },
    }),
  );
  const counts = [{ from: 'closed', to: 'open', count: 4 }];
  expect(toMermaid(lifecycle, { counts })).toContain('closed --> open: 4<br/>a jump\n');
  expect(await toSvg(lifecycle, { counts })).toContain('<g class="tl-seen tl-jump"');
});

test('a step of a replay is drawn as the replay explains it, whatever edge fits its ends', async () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { RESOLVE: 'resolved', APPROVE: 'closed' } },
      resolved: { on: { DISPUTE: 'disputed' } },
      disputed: { meta: { status: 'in-progress' }, on: { UPHOLD: 'resolved', FILE: 'filed' } },
      filed: { meta: { status: 'resolved' }, on: { CLOSE: 'closed' } },
      closed: { on: { REOPEN: 'open' } },
    },
  });
  const disputed = ['open', 'in-progress', 'resolved', 'in-progress', 'closed'];
  const complete = lifecycle.replay(disputed, { complete: true });
  const replay = lifecycle.replay(disputed);
  expect(replay.counts.path + complete.counts.skipped).toBe(2);
  for (const counts of [replay, complete]) {
    const text = toMermaid(lifecycle, { counts });
    expect(text).toContain('in_progress --> closed: APPROVE · 0\n');
    expect(text).toContain('status_in_progress --> closed: 1<br/>FILE, CLOSE at once\n');
  }

  const jumping = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { RESOLVE: 'resolved', APPROVE: 'closed' } },
      resolved: { on: { DISPUTE: 'disputed' } },
      disputed: { meta: { status: 'in-progress' }, on: { UPHOLD: 'resolved' } },
      closed: { type: 'final' },
    },
  });
  const counts = [jumping.replay(disputed), { from: 'in-progress', to: 'closed', count: 5 }];
  expect(jumping.replay(disputed).counts.jump).toBe(1);
  const text = toMermaid(jumping, { counts });
  // The list names the state that is called like its status.
  expect(text).toContain('in_progress --> closed: APPROVE · 5\n');
  expect(text).toContain('status_in_progress --> closed: 1<br/>a jump\n');
  expect(await toSvg(jumping, { counts })).toContain('<g class="tl-seen tl-jump"');
});

test('the thickest edge is the most frequent, in proportion', async () => {
  const counts = [
    { from: 'open', to: 'in-progress', count: 100 },
    { from: 'in-progress', to: 'resolved', count: 50 },
  ];
  const widths = [
    ...(await toSvg(ticketLifecycle, { counts })).matchAll(/stroke-width="([\d.]+)"/g),
  ];
  // The first is the arrow from the start.
  expect(widths.slice(1, 4).map(([, width]) => Number(width))).toEqual([8, 4.5, 1]);
});

test('the order in which changes were seen changes nothing', async () => {
  const counts = [
    { from: 'open', to: 'closed', count: 2 },
    { from: 'open', to: 'resolved', count: 1 },
    { from: 'closed', to: 'in-progress', count: 5 },
  ];
  const reversed = { counts: counts.toReversed() };
  expect(toDot(ticketLifecycle, reversed)).toBe(toDot(ticketLifecycle, { counts }));
  expect(await toSvg(ticketLifecycle, reversed)).toBe(await toSvg(ticketLifecycle, { counts }));
});

test('what stayed as it was is no change, and an unknown status is said in words', async () => {
  const counts = ticketLifecycle.replay(['open', 'open', 'on-hold', 'open', 'in-progress']);
  expect(arrows(counts)[0]).toBe('open --> in_progress: START · 1');
  expect(await toSvg(ticketLifecycle, { counts })).toContain(
    'Not drawn: 2 changes from or to an unknown status.',
  );
});

test('statuses that several states share are counted between their groups', () => {
  const lifecycle = defineLifecycle(
    createMachine({
      initial: 'new',
      states: {
        new: { meta: { status: 'open' }, on: { TAKE: 'busy', PARK: 'parked' } },
        parked: { meta: { status: 'open' }, on: { TAKE: 'busy' } },
        busy: { meta: { status: 'in-progress' }, on: { CLOSE: 'closed' } },
        closed: { type: 'final' },
      },
    }),
  );
  const text = toMermaid(lifecycle, {
    counts: [
      lifecycle.replay(['open', 'in-progress', 'closed']),
      { from: 'new', to: 'parked', count: 3 },
    ],
  });
  // Which of the two it was, nobody can say; where a state is named, it is that state.
  expect(text).toContain('status_open --> busy: 1<br/>TAKE\n');
  expect(text).toContain('new --> busy: TAKE\n');
  expect(text).toContain('new --> parked: PARK · 3\n');
  expect(text).toContain('busy --> closed: CLOSE · 1\n');
});

test('a replay of another lifecycle is drawn as this one explains it', () => {
  const other = defineLifecycle({
    initial: 'open',
    states: { open: { on: { CLOSE: 'closed' } }, closed: { on: { REOPEN: 'open' } } },
  });
  const text = toMermaid(ticketLifecycle, { counts: other.replay(['open', 'closed']) });
  expect(text).toContain('open --> closed: 1<br/>START, RESOLVE, CLOSE at once\n');
});
