import type { LifecycleBlockerCode } from '../blockers.ts';
import type { Verdict } from '../queries/verdict.ts';

/** Where an event is asked about, and with what. */
export interface AllowOptions {
  readonly from: string;
  readonly context?: unknown;
  /** The state that it has to lead to. */
  readonly to?: string;
}

/** Where an event is asked about, and why it has to be blocked. */
export interface BlockOptions {
  readonly from: string;
  readonly context?: unknown;
  /** A code that one of the blockers has to have. */
  readonly because?: LifecycleBlockerCode;
  /** A guard that one of the blockers has to name. */
  readonly guard?: string;
}

/** An event by its name, or with what it carries. */
export type Asked = string | { readonly type: string };

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
  toAllow(received: unknown, event: Asked, options: AllowOptions): Result {
    const verdict = ask(received, event, options);
    const { from, to } = options;
    const pass = verdict.allowed && (to === undefined || verdict.to === to);
    const what = verdict.allowed && to !== undefined ? `to lead to ${to}` : 'to be allowed';
    return resultOf(pass, event, from, what, verdict);
  },

  /** Passes when a lifecycle blocks an event in a state, for the reason given if there is one. */
  toBlock(received: unknown, event: Asked, options: BlockOptions): Result {
    const verdict = ask(received, event, options);
    const { from, because, guard } = options;
    const pass =
      !verdict.allowed &&
      (because === undefined || verdict.blockers.some(({ code }) => code === because)) &&
      (guard === undefined ||
        verdict.blockers.some(({ parameters }) => parameters['guard'] === guard));
    const reasons = [because, guard && `guard ${guard}`].filter(Boolean).join(' and ');
    const what = `to be blocked${reasons === '' ? '' : ` by ${reasons}`}`;
    return resultOf(pass, event, from, what, verdict);
  },
};

function resultOf(pass: boolean, event: Asked, from: string, what: string, seen: Verdict): Result {
  const name = typeof event === 'string' ? event : event.type;
  const wanted = `${pass ? 'not ' : ''}${what}`;
  return { pass, message: () => `expected ${name} from ${from} ${wanted}, ${saw(seen)}` };
}

function ask(received: unknown, event: Asked, { from, context }: AllowOptions): Verdict {
  const explain: unknown = (received as { explain?: unknown } | null | undefined)?.explain;
  if (typeof explain !== 'function') {
    throw new TypeError('expect: expected a lifecycle, as defineLifecycle makes it');
  }
  return (received as { explain: (...args: unknown[]) => Verdict }).explain(from, event, context);
}

function saw(verdict: Verdict): string {
  if (verdict.allowed) return `and it leads to ${verdict.to}`;
  const reasons = verdict.blockers.map(({ code, message }) => `  ${code}: ${message}`);
  return `and it is blocked:\n${reasons.join('\n')}`;
}
