import { hoursText, leftText, ranOnText } from '@ticket-lifecycle/internal/service-levels';
import type { TicketClock } from '../histories/service-levels.ts';
import type { ReplaySummary } from '../histories/summary.ts';
import { count, percent } from '../terminal/text.ts';

type Sum = NonNullable<ReplaySummary['serviceLevels']>['clocks'][number];

/** The columns of a table of clocks, each in sum. */
export const clockColumns = ['target', 'met', 'breached', 'open', 'used (mean)'];

/** And what they say. */
export function clockCells(sum: Sum): string[] {
  const { targetMs, met, breached, open, tickets, notStarted, consumedMs } = sum;
  const started = tickets - notStarted;
  return [
    hoursText(targetMs),
    count(met),
    `${count(breached)}${started === 0 ? '' : ` (${percent(breached / started)})`}`,
    count(open),
    started === 0 ? '' : hoursText(consumedMs / started),
  ];
}

/** What has been used of a target, what is left, and when it was or will be missed. */
export function usedText(clock: TicketClock): string {
  const { phase, consumedMs, leftMs } = clock;
  return `${phase}: ${hoursText(consumedMs)} used, ${leftText(leftMs)}${endText(clock)}`;
}

function endText(clock: TicketClock): string {
  const { phase, stoppedAt, breachAt, isBreached } = clock;
  if (breachAt === undefined) return '';
  if (!isBreached) return phase === 'running' ? `, due at ${minuteText(breachAt)}` : '';
  const lateMs = Date.parse(stoppedAt ?? '') - Date.parse(breachAt);
  return `, breached at ${minuteText(breachAt)}${ranOnText(clock, lateMs)}`;
}

/** A moment to the minute, with the distance of its zone from UTC. */
export function minuteText(iso: string): string {
  const zone = iso.endsWith('Z') ? 'UTC' : iso.slice(-6);
  return `${iso.slice(0, 16).replace('T', ' ')} ${zone}`;
}
