import {
  LifecycleDefinitionError,
  type AllowedTransition,
  type BlockedTransition,
  type Blocker,
  type Lifecycle,
  messages,
  type Messages,
  translate,
  type Verdict,
} from '@ticket-lifecycle/core';
import { fill } from '../fill-in.ts';
import type { DiagramWords } from '../words.ts';
import { verdictsByName } from './verdicts-by-name.ts';
import type { OpenEvent, StateVerdicts, VerdictTable } from './verdict-table.ts';

/** Asks core about every event in every state, and writes the answers down. */
export function verdictsOf(
  lifecycle: Lifecycle,
  labelOf: (state: string) => string,
  context: unknown,
  texts: Texts,
): VerdictTable {
  const { states, events, initial } = lifecycle;
  return {
    version: 1,
    initial: states.indexOf(initial),
    events,
    states: states.map((state) => verdictsIn(lifecycle, state, labelOf(state), context, texts)),
  };
}

/** What reasons are written with. */
interface Texts {
  readonly messages: Partial<Messages>;
  readonly words: DiagramWords;
}

function verdictsIn(
  lifecycle: Lifecycle,
  state: string,
  label: string,
  context: unknown,
  texts: Texts,
): StateVerdicts {
  const { events, states } = lifecycle;
  const own = new Set(
    lifecycle.edges.filter(({ from }) => from === state).map(({ event }) => event),
  );
  const known = verdictsByName(lifecycle, state, context);
  const verdicts = events.map(
    (event) => known.find((one) => one.event === event) ?? ask(lifecycle, state, event, context),
  );
  const possible = new Set(
    verdicts.flatMap((verdict) => ('allowed' in verdict && verdict.allowed ? [verdict.event] : [])),
  );
  const open: OpenEvent[] = [];
  const blocked: [event: number, reasons: readonly string[]][] = [];
  const others: { readonly event: string; readonly message: string }[] = [];
  for (const [index, verdict] of verdicts.entries()) {
    const event = events[index] ?? '';
    if ('allowed' in verdict && verdict.allowed) {
      open.push(openEvent(index, verdict, states));
      continue;
    }
    const reasons =
      'faults' in verdict ? verdict.faults : reasonsOf(verdict, label, possible, texts);
    if (own.has(event)) blocked.push([index, reasons]);
    else others.push({ event, message: reasons.join(' ') });
  }
  const status = lifecycle.statusOf(state) ?? '';
  return { name: state, label, status, open, blocked, ...sentencesOf(others, events) };
}

function openEvent(
  event: number,
  { to, needs, targets }: AllowedTransition,
  states: readonly string[],
): OpenEvent {
  const target = states.indexOf(to);
  if (needs === undefined) return [event, target];
  if (targets === undefined) return [event, target, needs];
  return [event, target, needs, targets.map((one) => states.indexOf(one))];
}

function ask(
  lifecycle: Lifecycle,
  state: string,
  event: string,
  context: unknown,
): Verdict | { readonly faults: readonly string[] } {
  try {
    return lifecycle.explain(state, event, context);
  } catch (error) {
    if (!LifecycleDefinitionError.is(error)) throw error;
    return { faults: error.faults.map(({ message }) => message) };
  }
}

/**
 * Why an event is blocked. Core calls every event possible that has an edge in the state, and this
 * table knows which of them are: a reader sees both side by side. The reader sees the state by its
 * label as well.
 */
function reasonsOf(
  verdict: BlockedTransition,
  label: string,
  possible: ReadonlySet<string>,
  { messages: given, words }: Texts,
): readonly string[] {
  const { event } = verdict;
  return verdict.blockers.flatMap((blocker) => {
    let told: Blocker = blocker;
    if (blocker.code === 'no-such-transition') {
      const named = blocker.parameters.possible ?? [];
      const left = named.filter((one) => possible.has(one));
      if (named.length > 0 && left.length === 0) {
        return [fill(words.allBlocked, { event, state: label })];
      }
      const parameters = { ...blocker.parameters, possible: left };
      const message = messages['no-such-transition']({ ...parameters, state: label });
      told = { ...blocker, parameters, message };
    }
    const translated = translate({ ...verdict, blockers: [told] }, given);
    return translated.allowed ? [] : translated.blockers.map(({ message }) => message);
  });
}

/**
 * One sentence for many events, cut where it names the event. Only a cut that gives back every
 * sentence, letter by letter, is taken; else each event has its own.
 */
function sentencesOf(
  list: readonly { readonly event: string; readonly message: string }[],
  events: readonly string[],
): Pick<StateVerdicts, 'otherwise' | 'others'> {
  if (list.length === 0) return { otherwise: [] };
  const otherwise = list
    .slice(0, 5)
    .map(({ event, message }) => message.split(event))
    .find((parts) => list.every(({ event, message }) => parts.join(event) === message));
  if (otherwise !== undefined) return { otherwise };
  return {
    otherwise: [],
    others: list.map(({ event, message }) => [events.indexOf(event), message]),
  };
}
