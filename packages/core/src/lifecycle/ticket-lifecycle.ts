import { defineLifecycle } from './define-lifecycle.ts';
import { ticketMachine } from './ticket-machine.ts';

/**
 * The default lifecycle, compiled from {@link ticketMachine}.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 *
 * const verdict = ticketLifecycle.explain('closed', 'RESOLVE');
 * if (!verdict.allowed) console.log(verdict.blockers[0]?.code); // no-such-transition
 * ```
 */
export const ticketLifecycle = defineLifecycle(ticketMachine);
