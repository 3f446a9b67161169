import type { Lifecycle } from '@ticket-lifecycle/core';
import { toSvg } from '@ticket-lifecycle/diagram';
import { writeFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import { writeErrorText } from '../error-text.ts';
import { exitCodes } from '../exit-code.ts';
import { isDrawn } from '../histories/judge.ts';
import type { ReplaySummary } from '../histories/summary.ts';
import type { Secrets } from '../terminal/secrets.ts';
import { count, percent, printable, several, span } from '../terminal/text.ts';
import { escapeHtml, reportPage, scrollable, table, type Section } from './page.ts';
import { barsSvg, type Bar } from './plots.ts';
import { promisesSection, serviceLevelsSection, timesSection } from './replay-times.ts';

/** Writes what histories show on a page that needs nothing but itself. */
export async function writeReplayPage(
  file: string,
  {
    input,
    read,
    notes,
    summary,
    lifecycle,
    secrets,
  }: {
    readonly input: string;
    /** How it was read. */
    readonly read: readonly string[];
    /** What is doubtful about what was read. */
    readonly notes: readonly string[];
    readonly summary: ReplaySummary;
    readonly lifecycle: Lifecycle;
    readonly secrets: Secrets;
  },
): Promise<void> {
  const { tickets, changes, rows, order } = summary;
  const facts = `${several(changes, 'change')} of ${several(tickets, 'ticket')} in ${several(rows, 'row')}`;
  const between =
    order?.isSorted === true
      ? `, ${order.first?.slice(0, 10) ?? ''} to ${order.last?.slice(0, 10) ?? ''}`
      : '';
  const slow = slowStates(summary, lifecycle);
  const sections = [
    ticketsSection(summary),
    await mapSection(summary, lifecycle, slow),
    changesSection(summary),
    ...timesSection(summary),
    ...promisesSection(summary),
    ...serviceLevelsSection(summary),
    ...reworkSection(summary),
    ...openSection(summary),
    waysSection(summary),
    ...groupsSection(summary),
    ...misfitsSection(summary),
    ...valuesSection(summary),
  ];
  const page = reportPage(
    'Histories of tickets',
    [facts + between, `${printable(input)}, ${new Date().toISOString()}`, ...read],
    [...notesSection(notes), ...sections],
    slowStyle(slow),
  );
  try {
    await writeFile(file, secrets.hide(page));
  } catch (error) {
    const reason = writeErrorText(error);
    throw new CliError(`--html: ${file} can't be written: ${reason}.`, exitCodes.unexpected);
  }
}

/** Above all figures: they may be wrong where this is not put right. */
function notesSection(notes: readonly string[]): Section[] {
  if (notes.length === 0) return [];
  const items = notes.map((note) => `<li class="note">${escapeHtml(note)}</li>`);
  return [{ title: 'Look at this first', body: `<ul>${items.join('\n')}</ul>` }];
}

function ticketsSection({ tickets, conformance, complete }: ReplaySummary): Section {
  const { following, misfits } = conformance;
  const bars: Bar[] = [
    { label: 'follow it', value: following, color: 'good' },
    { label: complete ? 'skip steps' : 'several at once', value: misfits.missed, color: 'warn' },
    { label: 'begin elsewhere', value: misfits['begins-elsewhere'], color: 'warn' },
    { label: 'have a jump', value: misfits.jump, color: 'bad' },
    { label: 'unknown value', value: misfits['unknown-status'], color: 'bad' },
  ];
  const share = tickets === 0 ? '' : ` (${percent(following / tickets)})`;
  return {
    title: 'Do tickets follow the lifecycle?',
    body: `<p>${count(following)} of ${several(tickets, 'ticket')}${share} follow it from the first row to the last.</p>
${barsSvg('Do tickets follow the lifecycle?', bars)}`,
  };
}

/** States in which tickets spend much of their time: at least twice an equal share. */
function slowStates({ times }: ReplaySummary, lifecycle: Lifecycle): string[] {
  const spent = Object.entries(times?.statuses ?? {});
  const limit = Math.min(0.5, 2 / Math.max(1, spent.length));
  return spent.flatMap(([name, { share }]) =>
    share < limit ? [] : lifecycle.isState(name) ? [name] : [...lifecycle.targetsOf(name)],
  );
}

const slowStyle = (states: readonly string[]): string =>
  states
    .map((state) => {
      const name = state.replaceAll(/["\\<]/g, (sign) => `\\${sign.charCodeAt(0).toString(16)} `);
      return `svg [data-state="${name}"] :is(path, rect, polygon, ellipse) { stroke: var(--bad) !important; stroke-width: 4 !important; }\n`;
    })
    .join('');

async function mapSection(
  { mostFrequent, changes, times }: ReplaySummary,
  lifecycle: Lifecycle,
  slow: readonly string[],
): Promise<Section> {
  const counts = mostFrequent
    .filter((change) => isDrawn(lifecycle, change))
    .map(({ from, to, count: seen }) => ({ from, to, count: seen }));
  const others = counts.reduce((left, change) => left - change.count, changes);
  const map = await toSvg(lifecycle, { counts, title: 'Changes in the log', guards: 'none' });
  const spent = slow.map((state) => {
    const name = times?.statuses[state] === undefined ? lifecycle.statusOf(state) : state;
    return `${state} (${percent(times?.statuses[name ?? '']?.share ?? 0)} of the time)`;
  });
  const legend = [
    'The thicker an edge, the more changes took it. A dashed edge is not a single step of the lifecycle.',
    ...(others === 0
      ? []
      : [
          `Not drawn, since the lifecycle lacks one of their states: ${several(others, 'change')}.`,
        ]),
    ...(spent.length === 0 ? [] : [`Most time goes here, with a red edge: ${spent.join(', ')}.`]),
  ];
  return {
    title: 'The ways that tickets took',
    body: `${scrollable('Lifecycle', map)}\n<p class="facts">${escapeHtml(legend.join(' '))}</p>`,
  };
}

const mostRows = 50;

/** A table of the first rows, which says how many it leaves out. */
function firstRows(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly string[],
): string {
  const more = rows.length - mostRows;
  const rest = more <= 0 ? [] : [[`… and ${count(more)} others`]];
  return table(columns, [...rows.slice(0, mostRows), ...rest], numbers);
}

function changesSection({ mostFrequent, changes }: ReplaySummary): Section {
  const rows = mostFrequent.map(({ name, note = '', count: times }) => [
    printable(name),
    note,
    count(times),
    changes === 0 ? '' : percent(times / changes),
  ]);
  return {
    title: 'Changes',
    body: firstRows(['change', 'what it is', 'times', 'share'], rows, ['times', 'share']),
  };
}

function reworkSection({ rework, tickets }: ReplaySummary): Section[] {
  if (rework.reopens === 0) return [];
  const all = rework.tickets.reduce((sum, one) => sum + one.tickets, 0);
  const from = rework.from.map(({ name, count: times }) => `${printable(name)} ${count(times)}`);
  const rows = rework.periods.map(({ period, changes, reopens }) => [
    period,
    count(changes),
    count(reopens),
  ]);
  const told = `${several(all, 'ticket')} (${percent(all / Math.max(1, tickets))}) came back, ${several(rework.reopens, 'time')}: from ${from.join(', ')}.`;
  const columns = ['month', 'changes', 'reopened'];
  const often = rework.mostOften.map(({ ticketId, reopens }) => [
    printable(ticketId),
    count(reopens),
  ]);
  const months = rows.length === 0 ? '' : table(columns, rows, columns.slice(1));
  return [
    {
      title: 'What came back',
      body: `<p>${escapeHtml(told)}</p>${months}${table(['most often', 'times'], often, ['times'])}`,
    },
  ];
}

function openSection({ open }: ReplaySummary): Section[] {
  if (open.tickets === 0) return [];
  const rows = open.statuses.map(({ name, tickets, longest }) => [
    printable(name),
    count(tickets),
    printable(longest?.ticketId ?? ''),
    longest?.since.slice(0, 16).replace('T', ' ') ?? '',
  ]);
  const columns = ['where', 'tickets', 'longest', 'since'];
  return [{ title: 'Not closed at the end', body: firstRows(columns, rows, ['tickets']) }];
}

function waysSection({ variants, otherTickets }: ReplaySummary): Section {
  const rows = variants
    .slice(0, mostRows)
    .map(({ statuses, tickets, share }) => [
      printable(statuses.slice(0, 20).join(' → ')) + (statuses.length > 20 ? ' → …' : ''),
      count(tickets),
      percent(share),
    ]);
  const rest = variants.slice(mostRows).reduce((sum, { tickets }) => sum + tickets, otherTickets);
  const others = rest === 0 ? [] : [['other ways', count(rest), '']];
  const columns = ['way', 'tickets', 'share'];
  return { title: 'Ways', body: table(columns, [...rows, ...others], columns.slice(1)) };
}

function groupsSection({ groups }: ReplaySummary): Section[] {
  if (groups === undefined) return [];
  const columns = [
    'group',
    'tickets',
    'follow it',
    'reopened',
    'late',
    'to closed (median)',
    '90 %',
  ];
  const rows = groups.map((group) => [
    group.name === '' ? '(none)' : printable(group.name),
    count(group.tickets),
    percent(group.following / group.tickets),
    count(group.reopens),
    count(group.late),
    group.toClosed === undefined ? '' : span(group.toClosed.median),
    group.toClosed === undefined ? '' : span(group.toClosed.p90),
  ]);
  return [{ title: 'Groups', body: firstRows(columns, rows, columns.slice(1)) }];
}

function misfitsSection({ misfits, tickets, conformance }: ReplaySummary): Section[] {
  if (misfits.length === 0) return [];
  const rows = misfits.map(({ ticketId, kind, firstState, firstLine, steps }) => [
    printable(ticketId),
    kind,
    [
      `line ${firstLine}: ${printable(firstState)}`,
      ...steps
        .slice(0, 5)
        .map(({ line, step }) => `line ${line}: ${printable(`${step.from} → ${step.to}`)}`),
    ].join('; '),
  ]);
  const all = tickets - conformance.following;
  const first = all > misfits.length ? `, ${misfits.length} of ${count(all)}` : '';
  return [
    {
      title: `Tickets to look at${first}`,
      body: table(['ticket', 'why', 'where'], rows),
    },
  ];
}

function valuesSection({ map, unmapped }: ReplaySummary): Section[] {
  const rows = [
    ...map.map(({ value, name, rows: times }) => [printable(value), name, count(times)]),
    ...unmapped.map(({ name, count: times }) => [printable(name), 'no meaning here', count(times)]),
  ];
  if (rows.length === 0) return [];
  return [
    {
      title: 'What the values mean',
      body: firstRows(['value', 'meaning', 'rows'], rows, ['rows']),
    },
  ];
}
