import type { Counted } from '../../bulk/counter.ts';
import { unreadableText } from '../../rows/unreadable-lines.ts';
import { exactnessNotes, timeColumns, timeRows } from '../../report/replay-times.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { count, percent, printable, several, span } from '../../terminal/text.ts';
import { serviceLevelsText } from './service-levels-text.ts';
import { readText } from './read-text.ts';
import type { ReplaySummary } from '../../histories/summary.ts';

/**
 * Says what histories show.
 *
 * @param timeNotes - what is doubtful about their times
 */
export function replayText(
  summary: ReplaySummary,
  timeNotes: readonly string[],
  { style }: Pick<Terminal, 'style'>,
): string {
  const { rows, tickets, changes, kinds, complete, mostFrequent, unmapped, unreadable } = summary;
  const share = (number: number) => (changes === 0 ? '' : ` (${percent(number / changes)})`);
  const figure = (number: number, what: string) =>
    `${count(number).padStart(9)}  ${what}${share(number)}`;
  const title = `${several(changes, 'change')} of ${several(tickets, 'ticket')} in ${several(rows, 'row')}`;
  return [
    style('bold', title),
    '',
    ...readText(summary, timeNotes),
    '',
    ...ticketsText(summary),
    '',
    'Changes:',
    figure(kinds.edge, 'steps of the lifecycle'),
    complete
      ? figure(kinds.skipped, 'with steps skipped')
      : figure(kinds.path, 'legal paths of several steps'),
    figure(kinds.jump, 'jumps that nothing explains'),
    figure(kinds['unknown-status'], 'from or to an unknown status'),
    ...listed('\nMost frequent:', mostFrequent),
    ...timesText(summary),
    ...reopenedText(summary),
    ...openText(summary),
    ...slaText(summary),
    ...serviceLevelsText(summary),
    ...waysText(summary),
    ...groupsText(summary),
    ...listed('\nWithout a meaning here:', unmapped),
    ...(unreadable === 0 ? [] : [`\nNot readable: ${several(unreadable, 'line')}`]),
    ...unreadableText(summary, '  '),
  ].join('\n');
}

const mostShown = 20;

function listed(title: string, all: readonly Counted[]): string[] {
  if (all.length === 0) return [];
  const shown = all.slice(0, mostShown).map((one) => ({ ...one, name: printable(one.name) }));
  const width = Math.min(60, Math.max(...shown.map(({ name }) => name.length)));
  const lines = shown.map(({ name, count: times, note }) =>
    `  ${name.slice(0, 60).padEnd(width)}  ${count(times).padStart(6)}  ${note ?? ''}`.trimEnd(),
  );
  const more = all.length > mostShown ? [`  … and ${count(all.length - mostShown)} others`] : [];
  return [title, ...lines, ...more];
}

function ticketsText({ tickets, conformance, misfits, complete }: ReplaySummary): string[] {
  const { following, misfits: kinds, begins } = conformance;
  const share = (number: number) => (tickets === 0 ? '' : ` (${percent(number / tickets)})`);
  const line = (number: number, what: string, kind?: string) => {
    if (kind !== undefined && number === 0) return [];
    const some = misfits.filter((one) => one.kind === kind).slice(0, 3);
    const names = some.map(({ ticketId }) => printable(ticketId).slice(0, 20)).join(', ');
    const ids = names === '' ? '' : `: ${names}${number > some.length ? ' …' : ''}`;
    return [`${count(number).padStart(9)}  ${what}${share(number)}${ids}`];
  };
  const where = begins
    .slice(0, 3)
    .map(({ name, count: times }) => `${printable(name)} ${count(times)}`)
    .join(', ');
  return [
    'Tickets:',
    ...line(following, 'follow the lifecycle from start to end'),
    ...line(kinds.missed, complete ? 'skip steps' : 'take several steps at once', 'missed'),
    ...line(kinds['begins-elsewhere'], 'begin elsewhere, and follow it then', 'begins-elsewhere'),
    ...line(kinds.jump, 'have a jump that nothing explains', 'jump'),
    ...line(kinds['unknown-status'], 'have a value without a meaning', 'unknown-status'),
    ...(conformance.beginElsewhere === 0
      ? []
      : [
          `  First rows elsewhere than the lifecycle begins: ${count(conformance.beginElsewhere)} (${where})`,
        ]),
  ];
}

const timeWidths = [10, 13, 9, 10];
const leastName = 22;

function timesText({ times }: ReplaySummary): string[] {
  const rows = times === undefined ? [] : timeRows(times);
  if (times === undefined || rows.length === 0) return [];
  const width = Math.max(leastName, ...rows.map(([name = '']) => name.length)) + 2;
  const line = ([name = '', ...cells]: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell, at) => cell.padStart(timeWidths[at] ?? 0)).join('')}`;
  return [
    '\nTime in:',
    line(['', ...timeColumns]),
    ...rows.map(line),
    ...exactnessNotes(times).map((note) => `  ${note}`),
  ];
}

const mostMonths = 6;

function reopenedText({ rework, tickets }: ReplaySummary): string[] {
  const { reopens, tickets: often, from, periods, mostOften } = rework;
  if (reopens === 0) return [];
  const all = often.reduce((sum, one) => sum + one.tickets, 0);
  const times = often.map(
    (one) =>
      `${several(one.tickets, 'ticket')} ${one.reopens === 1 ? 'once' : `${one.reopens} times`}`,
  );
  const months = periods.filter((one) => one.reopens > 0);
  const earlier = months.length > mostMonths ? '… ' : '';
  const some = mostOften.slice(0, 3).map(({ ticketId }) => printable(ticketId).slice(0, 20));
  return [
    `\nReopened: ${several(all, 'ticket')} (${percent(all / Math.max(1, tickets))}), ${several(reopens, 'time')}`,
    `  ${times.slice(0, 4).join(', ')}${times.length > 4 ? ' …' : ''}: ${some.join(', ')}${all > some.length ? ' …' : ''}`,
    `  from ${from.map(({ name, count: number }) => `${printable(name)} ${count(number)}`).join(', ')}`,
    ...(months.length === 0
      ? []
      : [
          `  by month: ${earlier}${months
            .slice(-mostMonths)
            .map((one) => `${one.period} ${count(one.reopens)}`)
            .join(', ')}`,
        ]),
  ];
}

function openText({ open }: ReplaySummary): string[] {
  if (open.tickets === 0) return [];
  const { statuses } = open;
  const lines = statuses.slice(0, mostShown).map(({ name, tickets, longest }) => {
    const since =
      longest === undefined
        ? ''
        : `  longest: ${printable(longest.ticketId)}, since ${longest.since.slice(0, 10)}`;
    return `${count(tickets).padStart(9)}  ${printable(name).slice(0, 40)}${since}`;
  });
  const more = statuses.length - lines.length;
  return [
    `\nNot closed at the end: ${several(open.tickets, 'ticket')}`,
    ...lines,
    ...(more > 0 ? [`  … and ${count(more)} others`] : []),
  ];
}

function slaText({ sla }: ReplaySummary): string[] {
  if (sla.length === 0) return [];
  const lines = sla.map(({ name, limitMs, visits, over, overAndOpen, tickets }) => {
    const open =
      overAndOpen === 0
        ? ''
        : `, and ${several(overAndOpen, 'visit that has', 'visits that have')} not ended`;
    const some = tickets.slice(0, 3).map((id) => printable(id).slice(0, 20));
    const ids =
      some.length === 0 ? '' : `. Tickets: ${some.join(', ')}${tickets.length > 3 ? ' …' : ''}`;
    const share = visits === 0 ? '' : ` (${percent(over / visits)})`;
    return `  ${name} longer than ${span(limitMs)}: ${count(over)} of ${several(visits, 'visit')}${share}${open}${ids}`;
  });
  return ['\nPromises:', ...lines];
}

const mostWays = 8;

function waysText({ variants, otherTickets }: ReplaySummary): string[] {
  const shown = variants.slice(0, mostWays);
  if (shown.length === 0) return [];
  const rest = variants.slice(mostWays).reduce((sum, { tickets }) => sum + tickets, otherTickets);
  const line = (tickets: number, share: number, what: string) =>
    `${count(tickets).padStart(9)}  ${percent(share).padStart(7)}  ${what}`;
  const all = shown.reduce((sum, { tickets }) => sum + tickets, rest);
  return [
    `\nWays: ${count(variants.length)}`,
    ...shown.map(({ statuses, tickets, share }) => line(tickets, share, wayText(statuses))),
    ...(rest === 0 ? [] : [line(rest, rest / all, 'other ways')]),
  ];
}

function wayText(statuses: readonly string[]): string {
  const shown = statuses.slice(0, 8).map((status) => printable(status).slice(0, 30));
  return `${shown.join(' → ')}${statuses.length > 8 ? ` → … (${count(statuses.length)})` : ''}`;
}

function groupsText({ groups }: ReplaySummary): string[] {
  if (groups === undefined) return [];
  const shown = groups.slice(0, mostShown);
  const nameOf = (name: string) => (name === '' ? '(none)' : printable(name).slice(0, 24));
  const width = Math.max(5, ...shown.map(({ name }) => nameOf(name).length));
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(11)).join('')}`;
  return [
    '\nGroups:',
    row('', ['tickets', 'following', 'changes', 'reopens', 'late', 'to closed']),
    ...shown.map(({ name, tickets, following, changes, reopens, late, toClosed }) =>
      row(nameOf(name), [
        count(tickets),
        percent(following / tickets),
        count(changes),
        count(reopens),
        count(late),
        toClosed === undefined ? '' : span(toClosed.median),
      ]),
    ),
    ...(groups.length > mostShown ? [`  … and ${count(groups.length - mostShown)} others`] : []),
  ];
}
