import type { LifecycleChange, LifecycleComparison, LifecycleEdge } from '@ticket-lifecycle/core';
import type { Unjudged } from '../../histories/unjudged.ts';
import type { Way } from '../../histories/ways.ts';
import { isBlockedAnyway, type LostGroup } from './read-waiting.ts';
import { count, percent, printable, several } from '../../terminal/text.ts';

/** A way that only the new lifecycle blocks. */
export interface BrokenWay extends Way {
  readonly blocked: LifecycleComparison['histories'][number]['blocked'];
}

const mostWays = 20;

/** Says in Markdown what is different: for a pull request, and for a terminal. */
export function comparisonMarkdown({
  before,
  after,
  comparison,
  broken,
  tickets,
  unjudged,
  lost,
  waiting,
}: {
  readonly before: string;
  readonly after: string;
  readonly comparison: LifecycleComparison;
  readonly broken: readonly BrokenWay[];
  /** How many tickets the log has; `undefined` without a log. */
  readonly tickets: number | undefined;
  /** Rows of the log that no lifecycle has judged. */
  readonly unjudged: Unjudged | undefined;
  readonly lost: readonly LostGroup[];
  /** How many changes wait, in the same way. */
  readonly waiting: number | undefined;
}): string {
  const { changes, missingEntries, isSame } = comparison;
  const behaviour = changes.filter(({ effect }) => effect === 'behaviour').length;
  const others = changes.length - behaviour;
  const title = isSame
    ? 'Nothing that tickets may do is different'
    : `${several(behaviour, 'change')} of behaviour`;
  const rest = others === 0 ? '' : `, ${several(others, 'other change')}`;
  return [
    `## Lifecycle: ${title}${rest}`,
    '',
    `From ${code(before)} to ${code(after)}.`,
    ...tableOf(
      ['effect', 'what is different'],
      changes.map((change) => [change.effect, changeText(change)]),
    ),
    ...brokenText(broken, tickets, unjudged),
    ...lostText(lost, waiting),
    ...(missingEntries.length === 0
      ? []
      : [
          '',
          '### Stored tickets',
          '',
          'Their states need an entry in `defineMigration`:',
          ...tableOf(
            ['state', 'candidate'],
            missingEntries.map(({ state, candidate }) => [
              code(state),
              candidate === undefined ? 'none' : code(candidate),
            ]),
          ),
        ]),
  ].join('\n');
}

function brokenText(
  broken: readonly BrokenWay[],
  tickets: number | undefined,
  unjudged: Unjudged | undefined,
): string[] {
  if (tickets === undefined) return [];
  const all = broken.reduce((sum, way) => sum + way.tickets, 0);
  const share = tickets === 0 ? '' : ` (${percent(all / tickets)})`;
  const rows = broken.slice(0, mostWays).map(({ statuses, blocked, tickets: own, ticketId }) => [
    statuses.map(word).join(' → '),
    count(own),
    blocked
      .filter(({ wasBlocked }) => !wasBlocked)
      .map(
        ({ from, to, kind }) =>
          `${from === undefined ? '' : `${word(from)} → `}${word(to)} (${kind})`,
      )
      .join(', '),
    word(ticketId),
  ]);
  const more =
    broken.length > mostWays ? ['', `… and ${count(broken.length - mostWays)} other ways`] : [];
  return [
    '',
    '### Histories',
    '',
    `${count(all)} of ${several(tickets, 'ticket')}${share} would be blocked by the new lifecycle, and were not by the old one.`,
    ...(unjudged === undefined ? [] : unjudgedText(unjudged)),
    ...tableOf(['way', 'tickets', 'blocked at', 'such as'], rows),
    ...more,
  ];
}

/** They are blocked by neither lifecycle, and that says nothing about them. */
function unjudgedText({ unmapped, unreadable }: Unjudged): string[] {
  const rows = unmapped.reduce((sum, { rows: own }) => sum + own, 0);
  const values = unmapped.slice(0, mostWays).map(({ value }) => code(value));
  const more = unmapped.length > mostWays ? ' …' : '';
  return [
    ...(rows === 0
      ? []
      : [
          '',
          `**${several(rows, 'row')} could not be judged:** neither lifecycle knows ${values.join(', ')}${more}. Give a meaning with \`--map\`, or pass over the rows with \`--ignore\`.`,
        ]),
    ...(unreadable === 0 ? [] : ['', `**${several(unreadable, 'row')} could not be read.**`]),
  ];
}

function lostText(lost: readonly LostGroup[], waiting: number | undefined): string[] {
  if (waiting === undefined) return [];
  const all = lost.reduce((sum, group) => sum + group.changes, 0);
  const rows = lost
    .slice(0, mostWays)
    .map((group) => [
      code(typeof group.event === 'string' ? group.event : group.event.type),
      group.from === undefined ? 'any' : code(group.from),
      count(group.changes),
      lossText(group),
      word([group.ticketId, group.id].filter((one) => one !== undefined).join(' ')),
    ]);
  const more =
    lost.length > mostWays ? ['', `… and ${count(lost.length - mostWays)} other kinds`] : [];
  const cure =
    all === 0
      ? []
      : ['', 'Deliver them before the deployment, or take them back and accept them anew.'];
  return [
    '',
    '### Waiting changes',
    '',
    `${count(all)} of ${several(waiting, 'change')} would be blocked by the new lifecycle, or end elsewhere.`,
    ...cure,
    ...tableOf(['event', 'from', 'changes', 'what becomes of it', 'such as'], rows),
    ...more,
  ];
}

function lossText(group: LostGroup): string {
  if (group.kind === 'elsewhere') {
    return `It ends in ${code(group.after)}, not in ${code(group.before)}`;
  }
  const why = group.blockers.map(({ message }) => printable(message)).join(' ');
  return isBlockedAnyway(group) ? `Blocked, as by the old one: ${why}` : `Blocked: ${why}`;
}

function changeText(change: LifecycleChange): string {
  switch (change.kind) {
    case 'initial':
      return `A ticket begins in ${code(change.after)}, not in ${code(change.before)}`;
    case 'state-lost':
      return `State lost: ${code(change.state)}`;
    case 'state-gained':
      return `State gained: ${code(change.state)}`;
    case 'status':
      return `${code(change.state)} has the status ${shown(change.after)}, not ${shown(change.before)}`;
    case 'default-state':
      return `The status ${code(change.status)} stands for ${shown(change.after)}, not for ${shown(change.before)}`;
    case 'deadlines':
    case 'clocks':
      return `Other ${change.kind} in ${code(change.state)}`;
    case 'state-label':
      return `Other label of ${code(change.state)}`;
    case 'edge-lost':
      return `Edge lost: ${edgeText(change.edge)}`;
    case 'edge-gained':
      return `Edge gained: ${edgeText(change.edge)}`;
    case 'guards':
      return `Other guards: ${edgeText(change.after)}`;
    case 'edge-label':
      return `Other label: ${edgeText(change.after)}`;
    case 'order':
      return `The edges of ${code(change.event)} in ${code(change.state)} are tried in another order`;
    case 'payload-gained':
      return `${code(change.event)} needs data now`;
    case 'payload-lost':
      return `${code(change.event)} needs no data any more`;
    case 'sla':
      return 'Other targets, hours or holidays of `meta.sla`';
    case 'fingerprint':
      return 'Something else that the fingerprint holds';
  }
}

const edgeText = ({ from, event, to }: LifecycleEdge): string =>
  `${code(from)} → ${code(to)} by ${code(event)}`;

const shown = (name: string | undefined): string => (name === undefined ? 'none' : code(name));

/** A name as code: nothing in it is taken for Markdown. */
const code = (text: string): string => `\`${printable(text).replaceAll('`', "'")}\``;

/** A word of a log or an outbox: as code where Markdown could see a link, a person or HTML in it. */
const word = (text: string): string => (/^[\p{L}\p{N} _-]*$/u.test(text) ? text : code(text));

function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return ['', line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}
