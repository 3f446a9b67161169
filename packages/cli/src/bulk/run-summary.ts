import type { Run } from './run-changes.ts';
import type { Reason, TallySummary } from './tally.ts';
import { outcomeKinds } from '../journal/line-outcome.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { unreadableText } from '../rows/unreadable-lines.ts';
import { count, printable, several } from '../terminal/text.ts';

const kinds = {
  confirmed: ['green', 'arrived'],
  unchanged: ['green', 'there already: nothing sent'],
  blocked: ['yellow', 'forbidden by the lifecycle, or no such ticket: nothing sent'],
  refused: ['red', 'by the API: nothing changed'],
  'not-sent': ['red', 'not processed: may be tried again'],
  unknown: ['red', 'may have arrived: check these tickets'],
} as const;

// A person reads on after these; `--json` has them all.
const mostReasons = 12;
const fewTickets = 5;

/** Says how a run went: every outcome counted, and what did not arrive by its reason. */
export function runText(run: TallySummary, style: Terminal['style']): string {
  const { outcomes, reasons, unreadable } = run;
  const text: string[] = [];
  for (const kind of outcomeKinds) {
    const [color, meaning] = kinds[kind];
    text.push(row(outcomes[kind], kind, color, meaning));
    const ofKind = reasons.filter((reason) => reason.kind === kind);
    text.push(...ofKind.slice(0, mostReasons).map(reasonText));
    if (ofKind.length > mostReasons)
      text.push(`${indent}… and ${several(ofKind.length - mostReasons, 'other reason')}`);
  }
  text.push(row(unreadable, 'unreadable', 'red', 'lines that say nothing certain: nothing sent'));
  text.push(...unreadableText(run, indent));
  return text.join('\n');

  function row(value: number, name: string, color: 'green' | 'yellow' | 'red', meaning: string) {
    const label = value === 0 ? name.padEnd(10) : style(color, name.padEnd(10));
    return `${count(value).padStart(9)}  ${label}  ${style('dim', meaning)}`;
  }
}

const indent = ' '.repeat(13);

function reasonText({ reason, count: times, lines, tickets }: Reason): string {
  const more = times > lines.length ? ', …' : '';
  const where = `${times === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more}`;
  const few = tickets.slice(0, fewTickets);
  const others = tickets.length > few.length ? ', …' : '';
  const named = few.length === 0 ? '' : `: ${few.join(', ')}${others}`;
  return `${indent}${count(times)} × ${printable(reason)} (${where})${named}`;
}

/** Says in one line what a run has cost. */
export function costText({
  lines,
  outcomes,
  unreadable,
  requests,
  limited,
  durationMs,
}: Run): string {
  const seconds = durationMs / 1000;
  const rate = seconds < 1 ? '' : ` (${(requests / seconds).toFixed(1)} a second)`;
  const limit = limited === 0 ? 'none answered 429' : `${count(limited)} answered 429`;
  // A line that takes several steps has an outcome for each.
  const steps = outcomeKinds.reduce((sum, kind) => sum + outcomes[kind], unreadable);
  const ofSteps = steps > lines ? `, ${count(steps)} outcomes,` : '';
  return `${several(lines, 'line')}${ofSteps} in ${seconds.toFixed(1)} s: ${several(requests, 'request')}${rate}, ${limit}`;
}
