import type { Blocker } from '../blockers.ts';
import { LifecycleDefinitionError } from '../errors.ts';
import type { Verdict } from '../queries/verdict.ts';
import type { ComparableLifecycle } from './lifecycle-changes.ts';

/** A change that waits to be sent. */
export interface WaitingChange {
  /** The event by its name, or with what it carries. */
  readonly event: string | { readonly type: string };
  /** The state from which it goes, under the old lifecycle. Without one any state will do. */
  readonly from?: string | undefined;
  /** What the guards are asked with. Without it they are not asked. */
  readonly context?: unknown;
}

/** A waiting change that does not end where it would have ended. */
export type LostChange = {
  /** Its place among the waiting changes, from 0. */
  readonly change: number;
} & (
  | {
      readonly kind: 'blocked';
      readonly blockers: readonly Blocker[];
      /** Whether the old lifecycle blocks it too. */
      readonly wasBlocked: boolean;
    }
  /** It is still possible, and leads to another state. */
  | { readonly kind: 'elsewhere'; readonly before: string; readonly after: string }
);

/** Finds the waiting changes that a new lifecycle blocks, or leads elsewhere. */
export function lostChanges(
  before: ComparableLifecycle,
  after: ComparableLifecycle,
  waiting: readonly WaitingChange[],
  entries: Readonly<Record<string, string>>,
): LostChange[] {
  const carried = (state: string) => (Object.hasOwn(entries, state) ? entries[state] : state);
  return waiting.flatMap((given, change): LostChange[] => {
    const { from } = given;
    const then = judge(before, from, given);
    const now = judge(after, from === undefined ? undefined : carried(from), given);
    if (now.blockers.length > 0) {
      const { blockers } = now;
      return [{ change, kind: 'blocked', blockers, wasBlocked: then.blockers.length > 0 }];
    }
    if (then.to === undefined || now.to === undefined || now.to === carried(then.to)) return [];
    return [{ change, kind: 'elsewhere', before: then.to, after: now.to }];
  });
}

/** Where a change leads, as far as that is known, or what is in its way. */
function judge(
  lifecycle: ComparableLifecycle,
  from: string | undefined,
  { event, context }: WaitingChange,
): { readonly blockers: readonly Blocker[]; readonly to?: string } {
  if (from !== undefined) return judgeFrom(lifecycle, from, event, context);
  // It is lost only where no state lets it through.
  const answers = lifecycle.states.map((state) => judgeFrom(lifecycle, state, event, context));
  const isOpen = answers.some(({ blockers }) => blockers.length === 0);
  if (isOpen) return { blockers: [] };
  const type = typeof event === 'string' ? event : event.type;
  const sources = lifecycle.states.filter((state) =>
    lifecycle.edges.some((edge) => edge.from === state && edge.event === type),
  );
  return judgeFrom(lifecycle, sources[0] ?? lifecycle.initial, event, context);
}

function judgeFrom(
  lifecycle: ComparableLifecycle,
  from: string,
  event: string | { readonly type: string },
  context: unknown,
): { readonly blockers: readonly Blocker[]; readonly to?: string } {
  let verdict: Verdict;
  try {
    verdict = lifecycle.explain(from, event, context);
  } catch (error) {
    // Without a context a guard may well throw, which says nothing of the change.
    if (context === undefined && LifecycleDefinitionError.is(error)) return { blockers: [] };
    throw error;
  }
  if (!verdict.allowed) {
    const isJudged = ({ code }: Blocker) => context !== undefined || code !== 'guard';
    return { blockers: verdict.blockers.filter(isJudged) };
  }
  const type = typeof event === 'string' ? event : event.type;
  const ways = lifecycle.edges.filter((edge) => edge.from === from && edge.event === type);
  // With guards unasked it is not known which of several ways it takes.
  const isKnown = context !== undefined || ways.length === 1;
  return { blockers: [], ...(isKnown && { to: verdict.to }) };
}
