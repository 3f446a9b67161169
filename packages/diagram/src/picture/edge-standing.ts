import {
  LifecycleDefinitionError,
  messages as english,
  type Blocker,
  type Lifecycle,
  type LifecycleEdge,
  type Messages,
  type Verdict,
  translate,
} from '@ticket-lifecycle/core';
import { fill } from '../fill-in.ts';
import type { DiagramWords } from '../words.ts';
import { verdictsByName } from './verdicts-by-name.ts';

/** Whether a ticket in a certain state can take an edge. */
export type Standing =
  | { readonly kind: 'elsewhere' }
  /** Once its event carries these fields, if it needs any. */
  | { readonly kind: 'enabled'; readonly needs?: readonly string[] | undefined }
  | { readonly kind: 'blocked'; readonly reasons: readonly string[] };

const elsewhere: Standing = { kind: 'elsewhere' };

/** Says for each edge of the lifecycle, in its order, how it stands for a ticket in a state. */
export function standingsOf(
  lifecycle: Lifecycle,
  at: string | undefined,
  context: unknown,
  messages: Partial<Messages>,
  words: DiagramWords,
): readonly Standing[] {
  const known = at === undefined ? [] : verdictsByName(lifecycle, at, context);
  const verdictOn = (event: string, from: string): Verdict =>
    translate(
      known.find((one) => one.event === event) ?? lifecycle.explain(from, event, context),
      messages,
    );
  return lifecycle.edges.map((edge) =>
    edge.from === at ? standingOf(edge, lifecycle, verdictOn, messages, words) : elsewhere,
  );
}

function standingOf(
  edge: LifecycleEdge,
  lifecycle: Lifecycle,
  verdictOn: (event: string, from: string) => Verdict,
  messages: Partial<Messages>,
  words: DiagramWords,
): Standing {
  const { from, event, to, guards } = edge;
  try {
    const verdict = verdictOn(event, from);
    if (verdict.allowed) {
      const { needs, targets = [verdict.to] } = verdict;
      if (targets.includes(to)) return { kind: 'enabled', needs };
      return {
        kind: 'blocked',
        // An edge before the last that may be taken is blocked by its own guards.
        reasons: [reasonBeside(edge, targets.at(-1) ?? verdict.to, lifecycle, messages, words)],
      };
    }
    const own = verdict.blockers.filter(
      ({ code, parameters }) =>
        code === 'guard' &&
        parameters.to === to &&
        guards.some(
          ({ name, params }) =>
            name === parameters.guard &&
            // What is computed is in the blocker as it was computed.
            (typeof params === 'function' || params === parameters.params),
        ),
    );
    // Where no guard of this edge fails, what blocks the event blocks it too.
    const reasons = own.length > 0 ? own : verdict.blockers;
    return { kind: 'blocked', reasons: [...new Set(reasons.map(({ message }) => message))] };
  } catch (error) {
    // A guard that needs more than the event's name can't be asked here. That it never passes is
    // what core promises as well; the reason says why.
    if (!LifecycleDefinitionError.is(error)) throw error;
    return { kind: 'blocked', reasons: error.faults.map(({ message }) => message) };
  }
}

/** Why this edge was not taken, though its event is possible: the first open edge wins. */
function reasonBeside(
  edge: LifecycleEdge,
  taken: string,
  lifecycle: Lifecycle,
  messages: Partial<Messages>,
  words: DiagramWords,
): string {
  const { from, event, to, guards } = edge;
  const siblings = lifecycle.edgesOf(event).filter((other) => other.from === from);
  const isEarlier = siblings.indexOf(edge) < siblings.findIndex((other) => other.to === taken);
  const blockers: Blocker[] = isEarlier
    ? guards.map(({ name: guard, message, params: given }) => {
        const params = typeof given === 'function' ? undefined : given;
        const parameters = { guard, ...(params === undefined ? {} : { params }), to };
        return { code: 'guard', message: message ?? english.guard(parameters), parameters };
      })
    : [
        {
          code: 'no-such-transition',
          message: `${event} leads to ${taken} now.`,
          parameters: { state: from, event, to, now: taken },
        },
      ];
  const verdict = translate({ allowed: false, from, event, blockers, enabled: [] }, messages);
  const reasons = verdict.allowed ? [] : verdict.blockers.map(({ message }) => message);
  // Core does not say which of several guards failed: the event as a whole is open.
  return reasons.length === 1
    ? reasons.join('')
    : fill(words.notAllHold, { reasons: reasons.join(' ') });
}
