import { quote, type LifecycleBlockerCode } from '../blockers.ts';
import type { CombinedGuard } from '../lifecycle/build-lifecycle.ts';
import type { Lifecycle } from '../lifecycle/define-lifecycle.ts';
import { messages } from '../lifecycle/messages.ts';
import { suggestName } from '../nearest-name.ts';
import { checkOptionNames } from '../options.ts';
import type { Verdict } from '../queries/verdict.ts';
import { isRecord } from '../values.ts';

/** Where an event is asked about, and with what. */
export interface AllowOptions<State extends string = string, Context = unknown> {
  readonly from: State;
  readonly context?: Context | undefined;
  /** The state that it has to lead to. */
  readonly to?: State | undefined;
}

/** Where an event is asked about, and why it has to be blocked. */
export interface BlockOptions<
  State extends string = string,
  Context = unknown,
  Guard extends string = string,
> {
  readonly from: State;
  readonly context?: Context | undefined;
  /** A code that one of the blockers has to have. */
  readonly because?: LifecycleBlockerCode | undefined;
  /** A guard that one of the blockers has to name. */
  readonly guard?: Guard | undefined;
}

/** An event by its name, or with what it carries. */
type Asked = string | { readonly type: string };

/** The guards that a blocker of a lifecycle may name: any, where its type names none. */
export type GuardOf<Received> = Received extends {
  readonly '~types'?: { readonly guard: infer Guard extends string } | undefined;
}
  ? Guard | CombinedGuard<Guard>
  : string;

interface Result {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Matchers for vitest: after `expect.extend(lifecycleMatchers)` a test may say
 * `expect(lifecycle).toAllow('START', { from: 'open' })`, and with `toBlock` also why not.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { lifecycleMatchers } from '@ticket-lifecycle/core/testing';
 *
 * const reason = { from: 'open', because: 'no-such-transition' } as const;
 * console.log(lifecycleMatchers.toBlock(ticketLifecycle, 'CLOSE', reason).pass); // true
 * ```
 */
export const lifecycleMatchers = {
  /** Passes when a lifecycle allows an event in a state. */
  toAllow(this: unknown, received: unknown, event: Asked, options: AllowOptions): Result {
    const { lifecycle, verdict } = ask('toAllow', received, event, options, ['context', 'to']);
    const { from, to } = options;
    const nonsense = [...unknownNamesIn(verdict), ...unknownTarget(lifecycle, to, event)];
    if (nonsense.length > 0) return failed(this, nonsense);
    const pass = verdict.allowed && (to === undefined || verdict.to === to);
    const what = verdict.allowed && to !== undefined ? `to lead to ${to}` : 'to be allowed';
    return resultOf(pass, event, from, what, verdict);
  },

  /** Passes when a lifecycle blocks an event in a state, for the reason given if there is one. */
  toBlock(this: unknown, received: unknown, event: Asked, options: BlockOptions): Result {
    const known = ['context', 'because', 'guard'];
    const { lifecycle, verdict } = ask('toBlock', received, event, options, known);
    const { from, because, guard } = options;
    const asksForUnknown = because === 'unknown-state' || because === 'unknown-event';
    const nonsense = [
      ...(asksForUnknown ? [] : unknownNamesIn(verdict)),
      ...unknownAmong(because, 'blocker code', 'The codes are', Object.keys(messages)),
      ...unknownAmong(guard, 'guard', 'The guards are', guardsOf(lifecycle)),
    ];
    if (nonsense.length > 0) return failed(this, nonsense);
    const pass =
      !verdict.allowed &&
      (because === undefined || verdict.blockers.some(({ code }) => code === because)) &&
      (guard === undefined ||
        verdict.blockers.some((one) => one.code === 'guard' && one.parameters.guard === guard));
    const reasons = [because, guard && `guard ${guard}`].filter(Boolean).join(' and ');
    const what = `to be blocked${reasons === '' ? '' : ` by ${reasons}`}`;
    return resultOf(pass, event, from, what, verdict);
  },
};

type AskedLifecycle = Pick<Lifecycle, 'explain' | 'isState'> & Partial<Lifecycle>;

// A question about a name that does not exist makes no sense, so both answers to it fail.
// vitest calls a matcher with `isNot`.
const failed = (matcher: unknown, nonsense: readonly string[]): Result => ({
  pass: isRecord(matcher) && matcher['isNot'] === true,
  message: () => nonsense.join('\n'),
});

const unknownNamesIn = (verdict: Verdict): readonly string[] =>
  verdict.allowed
    ? []
    : verdict.blockers
        .filter(({ code }) => code === 'unknown-state' || code === 'unknown-event')
        .map(({ message }) => message);

/** A state that is asked about as one that an event starts from says the same of itself. */
const unknownTarget = (lifecycle: AskedLifecycle, to: string | undefined, event: Asked) =>
  to === undefined || lifecycle.isState(to) ? [] : unknownNamesIn(lifecycle.explain(to, event));

/** A lean lifecycle does not list them. */
const guardsOf = (lifecycle: AskedLifecycle): readonly string[] | undefined =>
  lifecycle.edges?.flatMap((edge) => edge.guards.map(({ name }) => name));

/** Says that a name does not exist, and which do; nothing of one that does, or if that is not known. */
function unknownAmong(
  name: string | undefined,
  kind: string,
  listing: string,
  known: readonly string[] | undefined,
): readonly string[] {
  if (name === undefined || known === undefined || known.includes(name)) return [];
  const names = [...new Set(known)];
  const listed = names.length === 0 ? 'The lifecycle has none.' : `${listing} ${names.join(', ')}.`;
  return [`There is no ${kind} ${quote(name)}. ${listed}${suggestName(name, names)}`];
}

function resultOf(pass: boolean, event: Asked, from: string, what: string, seen: Verdict): Result {
  const name = typeof event === 'string' ? event : event.type;
  const wanted = `${pass ? 'not ' : ''}${what}`;
  return { pass, message: () => `expected ${name} from ${from} ${wanted}, ${saw(seen)}` };
}

function ask(
  matcher: string,
  received: unknown,
  event: Asked,
  options: AllowOptions,
  known: readonly string[],
) {
  const explain: unknown = (received as { explain?: unknown } | null | undefined)?.explain;
  if (typeof explain !== 'function') {
    throw new TypeError('expect: expected a lifecycle, as defineLifecycle makes it');
  }
  if (!isRecord(options) || typeof options['from'] !== 'string') {
    throw new TypeError(`${matcher} needs { from }: the state before the event`);
  }
  checkOptionNames(matcher, options, ['from', ...known]);
  const lifecycle = received as AskedLifecycle;
  const verdict = lifecycle.explain(options.from, event, options.context);
  return { lifecycle, verdict };
}

function saw(verdict: Verdict): string {
  if (verdict.allowed) return `and it leads to ${verdict.to}`;
  const reasons = verdict.blockers.map(({ code, message }) => `  ${code}: ${message}`);
  return `and it is blocked:\n${reasons.join('\n')}`;
}
