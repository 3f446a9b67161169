import type { Run } from './run-changes.ts';
import { count } from '../terminal/terminal.ts';

const barLength = 24;

/** One line that says how far a run has come and how long it still takes. */
export function describeProgress(
  { lines, requests, durationMs }: Pick<Run, 'lines' | 'requests' | 'durationMs'>,
  total: number | undefined,
): string {
  const seconds = durationMs / 1000;
  const rate = `${(seconds < 1 ? requests : requests / seconds).toFixed(1)} requests/s`;
  if (total === undefined) return `${count(lines)} lines done · ${rate}`;
  const left = Math.max(0, total - lines);
  const filled = total === 0 ? barLength : Math.round((barLength * (total - left)) / total);
  const bar = '█'.repeat(filled) + '░'.repeat(barLength - filled);
  const timeLeft = lines === 0 ? '' : ` · ${duration((seconds * left) / lines)} left`;
  return `${bar} ${count(lines)} of ${count(total)} lines · ${count(left)} left · ${rate}${timeLeft}`;
}

/** A length of time as people say it: 12 s, 3 min, 2.5 h. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 1) return 'a second';
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  return seconds < 5940 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
