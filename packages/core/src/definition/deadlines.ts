import type { AnyStateNode } from 'xstate';
import { parseDuration, type Duration } from '../durations.ts';
import type { ReportFault } from './fault-list.ts';
import type { LostTransition } from './read-transitions.ts';
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
 * @param out - the edges that lead out of the state
 * @param lost - transitions that had to be left out, which may be the ones that are missing
 */
export function deadlinesOf(
  { key, meta }: AnyStateNode,
  out: readonly { readonly event: string }[],
  lost: readonly LostTransition[],
  report: ReportFault,
): Deadline[] {
  const own = lost.filter(({ from }) => from === undefined || from === key);
  const all = [...out, ...own].map(({ event }) => event);
  const events = all.includes('') ? undefined : all;
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
