import type { AllowedTransition, Blocker, Lifecycle, Verdict } from '@ticket-lifecycle/core';
import { blocker, type WorkflowBlocker } from '../tickets/blockers.ts';

/** An administrator's decision to make a change though the lifecycle forbids it. */
export interface Override<State extends string = string> {
  /** Who decided it: a staff user's id, or a name. */
  readonly by: number | string;
  readonly why: string;
  /**
   * Where the change is to lead, if its event leads to several states. It never leads elsewhere: where
   * the lifecycle allows the event and leads to another state now, the change is blocked.
   *
   * @defaultValue the event's only target
   */
  readonly to?: State | undefined;
}

/** An override, as an outcome and its journal entry show it. */
export interface Forced {
  readonly by: number | string;
  readonly why: string;
  /** What the lifecycle had against it and the override set aside, whether or not the change was made. */
  readonly overrode: readonly Blocker[];
}

/** What is judged of a change. */
interface JudgedChange {
  readonly event: { readonly type: string };
  readonly force: Override | undefined;
  /** Where it has to lead, if that was planned. */
  readonly plannedTo?: string | undefined;
  readonly guardContext: () => unknown;
}

/** The verdict about a change, and what was overridden for it. */
export interface ForcedVerdict {
  readonly verdict: Verdict;
  readonly overrode: readonly Blocker[];
  /** Why the change can't go where the override says, if it can't. */
  readonly reasons?: readonly WorkflowBlocker[];
}

// Rules that somebody made. The others say that the request itself is wrong.
const rules: ReadonlySet<string> = new Set(['guard', 'no-such-transition']);

/**
 * Asks the lifecycle about a change, and overrides its rules where the change is forced. What an
 * event has to carry is no rule, and neither is an event or state that does not exist.
 */
export function judge(
  { event, force, plannedTo, guardContext }: JudgedChange,
  state: string,
  lifecycle: Lifecycle,
): ForcedVerdict {
  const verdict = lifecycle.explain(state, event, guardContext());
  const asIs = { verdict, overrode: [] };
  if (verdict.allowed) {
    const meant = plannedTo ?? force?.to ?? verdict.to;
    if (meant === verdict.to) return asIs;
    const refusal = { allowed: false, from: state, event: event.type, ever: 'here' } as const;
    const reasons = [leadsElsewhere(verdict, meant)];
    return { verdict: { ...refusal, blockers: [], enabled: [verdict] }, overrode: [], reasons };
  }
  if (force === undefined) return asIs;
  const { blockers } = verdict;
  if (!blockers.every(({ code }) => rules.has(code))) return asIs;

  const edges = lifecycle.edgesOf(event.type);
  const here = edges.filter(({ from }) => from === state);
  const targets = new Set((here.length > 0 ? here : edges).map(({ to }) => to));
  const [sole] = targets;
  const to = force.to ?? (targets.size === 1 ? sole : undefined);
  const status = to === undefined ? undefined : lifecycle.statusOf(to);
  if (to === undefined || status === undefined || !targets.has(to)) {
    return { ...asIs, reasons: [unclearTarget(event.type, to, [...targets])] };
  }
  // There already: forced, it would write a second system message.
  if (to === state && here.length === 0) return asIs;
  // Where there is no transition, nobody has looked at what the event carries.
  const parsed = lifecycle.parseEvent(event);
  if (!parsed.valid) {
    return { verdict: { ...verdict, blockers: [...blockers, ...parsed.blockers] }, overrode: [] };
  }
  const changesStatus = lifecycle.statusOf(state) !== status;
  const facts = { from: state, to, event: event.type, status };
  return { verdict: { allowed: true, ...facts, changesStatus }, overrode: blockers };
}

/** The blocker of a change that is possible, but leads to another state than the one that is meant. */
export const leadsElsewhere = ({ event, to: target }: AllowedTransition, to: string) =>
  blocker('unreachable', `${event} leads to ${target} now, and not to ${to}.`, {
    event,
    to,
    targets: [target],
  });

function unclearTarget(event: string, to: string | undefined, targets: readonly string[]) {
  const listed = targets.join(', ');
  return to === undefined
    ? blocker('ambiguous', `${event} leads to several states: ${listed}. Choose with force.to.`, {
        event,
        targets,
      })
    : blocker('unreachable', `${event} does not lead to ${to}. Possible states: ${listed}.`, {
        event,
        to,
        targets,
      });
}

/** What an outcome says of an override. */
export const forcedBy = (
  force: Override | undefined,
  overrode: readonly Blocker[] = [],
): { readonly forced?: Forced } =>
  force === undefined ? {} : { forced: { by: force.by, why: force.why, overrode } };
