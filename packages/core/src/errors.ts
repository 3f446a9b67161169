import type { Blocker, BlockerOf } from './blockers.ts';

// A brand survives two copies of this package in one program; instanceof does not.
const definitionBrand = Symbol.for('@ticket-lifecycle/core/LifecycleDefinitionError');
const blockedBrand = Symbol.for('@ticket-lifecycle/core/TransitionBlockedError');

const hasBrand = (value: unknown, brand: symbol): boolean =>
  (value as Readonly<Record<symbol, unknown>> | null | undefined)?.[brand] === true;

const addBrand = (error: Error, brand: symbol) =>
  Object.defineProperty(error, brand, { value: true });

/** The codes of definition faults. */
export type DefinitionFaultCode =
  | 'after'
  | 'always'
  | 'async-guard'
  | 'bad-calendar'
  | 'bad-due'
  | 'bad-name'
  | 'bad-sla'
  | 'broken-guard'
  | 'broken-payload'
  | 'circular-guard'
  | 'computed-context'
  | 'dead-end'
  | 'due-without-event'
  | 'due-without-payload'
  | 'final-with-exit'
  | 'guarded-forbidding'
  | 'hidden-event'
  | 'history-state'
  | 'idle-clock'
  | 'invalid-default'
  | 'invoke'
  | 'missing-guard'
  | 'nested-state'
  | 'no-initial'
  | 'no-single-target'
  | 'no-status'
  | 'no-target'
  | 'on-done'
  | 'parallel'
  | 'refused-by-xstate'
  | 'route'
  | 'shadowed-transition'
  | 'two-defaults'
  | 'unknown-calendar'
  | 'unknown-clock'
  | 'unknown-event'
  | 'unknown-guard'
  | 'unknown-key'
  | 'unknown-option'
  | 'unknown-state'
  | 'unknown-status'
  | 'unknown-target'
  | 'unmapped-state'
  | 'unnamed-guard'
  | 'unreachable-state'
  | 'unreadable'
  | 'unsupported-guard'
  | 'wildcard-event'
  | 'wrong-type';

/** One thing that is wrong with a lifecycle's definition. */
export interface DefinitionFault {
  /** Stable name of the fault, for example `unreachable-state`. */
  readonly code: DefinitionFaultCode;
  /** Where it is, for example `states.waiting.on.RESUME`. */
  readonly path: string;
  /** What is wrong and how to cure it. */
  readonly message: string;
}

/**
 * Says that a machine can't be used as a lifecycle. `faults` holds every reason, not the first.
 *
 * Also thrown by a question about a transition whose guard throws or returns a Promise: XState
 * would take the Promise for a pass.
 *
 * @example
 * ```ts
 * import { defineLifecycle, LifecycleDefinitionError } from '@ticket-lifecycle/core';
 * import { createMachine } from 'xstate';
 *
 * try {
 *   defineLifecycle(createMachine({ initial: 'fresh', states: { fresh: {} } }));
 * } catch (error) {
 *   if (LifecycleDefinitionError.is(error)) {
 *     console.log(error.faults.map((fault) => fault.code)); // [ 'no-status', 'dead-end' ]
 *   }
 * }
 * ```
 */
export class LifecycleDefinitionError extends Error {
  override readonly name = 'LifecycleDefinitionError';
  readonly faults: readonly DefinitionFault[];

  constructor(
    faults: readonly DefinitionFault[],
    {
      headline = 'This machine is not a lifecycle',
      ...options
    }: ErrorOptions & { readonly headline?: string | undefined } = {},
  ) {
    const lines = faults.map((fault) => `  ${fault.path}: ${fault.message}`);
    super(`${headline}:\n${lines.join('\n')}`, options);
    this.faults = faults;
    addBrand(this, definitionBrand);
  }

  static is(value: unknown): value is LifecycleDefinitionError {
    return hasBrand(value, definitionBrand);
  }
}

/**
 * Thrown by `next`, which promises a state, when the transition is blocked.
 *
 * @example
 * ```ts
 * import { ticketLifecycle, TransitionBlockedError } from '@ticket-lifecycle/core';
 *
 * try {
 *   ticketLifecycle.next('open', 'CLOSE');
 * } catch (error) {
 *   if (TransitionBlockedError.is(error)) console.log(error.blockers[0]?.code); // no-such-transition
 * }
 * ```
 */
export class TransitionBlockedError<
  Reason extends BlockerOf<string, unknown> = Blocker,
> extends Error {
  override readonly name = 'TransitionBlockedError';
  readonly from: string;
  readonly event: string;
  readonly blockers: readonly Reason[];

  constructor(from: string, event: string, blockers: readonly Reason[]) {
    super(blockers.map((blocker) => blocker.message).join(' '));
    this.from = from;
    this.event = event;
    this.blockers = blockers;
    addBrand(this, blockedBrand);
  }

  static is(value: unknown): value is TransitionBlockedError {
    return hasBrand(value, blockedBrand);
  }
}
