export { type Blocker, type LifecycleBlockerCode } from './blockers.ts';
export { type EdgeGuard, type LifecycleEdge } from './edges.ts';
export {
  type DefinitionFault,
  LifecycleDefinitionError,
  TransitionBlockedError,
} from './errors.ts';
export { type AllowedTransition, type BlockedTransition, type Verdict } from './explain.ts';
export {
  defineLifecycle,
  type EventInput,
  type Lifecycle,
  type LifecycleOf,
  type LifecycleOptions,
} from './lifecycle.ts';
export { type Observation } from './observe.ts';
export { type Plan, type PlanOptions, type PlanResult, type PlanTarget } from './plan.ts';
export { type Replay, type ReplayOptions, type ReplayStep, type ReplayVerdict } from './replay.ts';
export {
  ticketLifecycle,
  ticketMachine,
  type TicketEvent,
  type TicketMachine,
} from './ticket-machine.ts';
export { ticketStatuses, ticketStatusSchema, type TicketStatus } from './ticket-status.ts';
