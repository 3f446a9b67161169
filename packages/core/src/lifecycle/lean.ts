import type { AnyStateMachine } from 'xstate';
import type {
  ContextOf,
  EventOf,
  LifecycleConfig,
  LifecycleGuard,
  StateOf,
} from '../definition/config-types.ts';
import { buildLifecycle, type LeanLifecycle } from './build-lifecycle.ts';
import type {
  GuardMessagesOf,
  Lifecycle,
  LifecycleOf,
  PayloadSchemasOf,
} from './define-lifecycle.ts';
import type { LifecycleOptions } from '../definition/lifecycle-options.ts';
import type { PayloadSchemas } from '../definition/payloads.ts';
import { ticketMachine, type TicketMachine } from './ticket-machine.ts';

/** The lean lifecycle of a machine, with its states, events and context inferred. */
export type LeanLifecycleOf<Machine extends AnyStateMachine> =
  LifecycleOf<Machine> extends Lifecycle<infer State, infer Event, infer Context, infer Guard>
    ? LeanLifecycle<State, Event, Context, Guard>
    : LeanLifecycle;

/**
 * Compiles and checks as `defineLifecycle` does, for a page that only asks "may I?": plans,
 * histories and deadlines stay out of its bundle. The clocks of `meta.sla` are not read, nor checked.
 *
 * What would make an answer wrong is refused here too, by code and place. `defineLifecycle` says
 * each fault in a sentence, and also finds dead ends, unreachable states and wrong deadlines. A lean
 * lifecycle lists the names that there are, and does not say which one a misspelt name may mean.
 *
 * @throws LifecycleDefinitionError with the faults
 *
 * @example
 * ```ts
 * import { defineLeanLifecycle } from '@ticket-lifecycle/core/lean';
 *
 * const lifecycle = defineLeanLifecycle({
 *   initial: 'open',
 *   states: { open: { on: { CLOSE: 'closed' } }, closed: { type: 'final' } },
 * });
 * console.log(lifecycle.can('open', 'CLOSE')); // true
 * ```
 */
export function defineLeanLifecycle<Machine extends AnyStateMachine>(
  machine: Machine,
  options?: LifecycleOptions<object, PayloadSchemasOf<Machine>, GuardMessagesOf<Machine>>,
): LeanLifecycleOf<Machine>;
export function defineLeanLifecycle<
  Config extends LifecycleConfig,
  Payloads extends PayloadSchemas = PayloadSchemas,
>(
  config: Config,
  options?: LifecycleOptions<
    Readonly<Record<string, LifecycleGuard<ContextOf<Config>, EventOf<Config, Payloads>>>>,
    Payloads
  >,
): LeanLifecycle<StateOf<Config>, EventOf<Config, Payloads>, ContextOf<Config>>;
export function defineLeanLifecycle(
  definition: unknown,
  options?: LifecycleOptions,
): LeanLifecycle {
  return Object.freeze(buildLifecycle(definition, options).lean);
}

/**
 * The default lifecycle without plans, histories and deadlines.
 *
 * @example
 * ```ts
 * import { leanTicketLifecycle } from '@ticket-lifecycle/core/lean';
 *
 * console.log(leanTicketLifecycle.enabled('resolved').map(({ event }) => event)); // [ 'CLOSE', 'REOPEN' ]
 * ```
 */
export const leanTicketLifecycle: LeanLifecycleOf<TicketMachine> =
  defineLeanLifecycle(ticketMachine);
