import type { AnyStateNode } from 'xstate';
import { parseDuration, type Duration } from './durations.ts';
import type { ReportFault } from './fault-list.ts';
import { isRecord, mismatch } from '../values.ts';

/** An event that time makes due in a state. */
export interface Deadline {
  readonly event: string;
  /** How long after the ticket entered the state, as an ISO 8601 duration. */
  readonly after: string;
  readonly duration: Duration;
}

/**
 * Reads a state's `meta.due`: one deadline or several.
 *
 * @param events - those that lead out of the state, or `undefined` where that can't be known
 */
export function deadlinesOf(
  { key, meta }: AnyStateNode,
  events: readonly string[] | undefined,
  report: ReportFault,
): Deadline[] {
  const declared: unknown = (meta as { due?: unknown } | undefined)?.due;
  if (declared === undefined) return [];
  const path = `states.${key}.meta.due`;
  const list: unknown[] = Array.isArray(declared) ? declared : [declared];
  const deadlines: Deadline[] = [];
  for (const due of list) {
    if (!isRecord(due)) {
      report(path, 'bad-due', mismatch('due', due));
      continue;
    }
    const { after, event } = due;
    const duration = parseDuration(after);
    if (duration === undefined) {
      report(path, 'bad-due', mismatch('duration', after));
    }
    if (typeof event !== 'string' || events?.includes(event) === false) {
      report(path, 'due-without-event', { state: key, event, events: [...new Set(events)] });
    } else if (duration !== undefined) {
      deadlines.push({ event, after: String(after), duration });
    }
  }
  return deadlines;
}
