import type { ContextOf, EventOf, StateOf } from '../definition/config-types.ts';
import type { EventInput } from '../lifecycle/build-lifecycle.ts';
import type { AllowOptions, BlockOptions, GuardOf } from './matchers.ts';

export { edgeWalks, type EdgeStep } from './edge-walks.ts';
export { lifecycleMatchers, type AllowOptions, type BlockOptions } from './matchers.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Passes when a lifecycle allows an event in a state. */
    toAllow: (event: EventInput<EventOf<T>>, options: AllowOptions<StateOf<T>, ContextOf<T>>) => R;
    /** Passes when a lifecycle blocks an event in a state, for the reason given if there is one. */
    toBlock: (
      event: EventInput<EventOf<T>>,
      options: BlockOptions<StateOf<T>, ContextOf<T>, GuardOf<T>>,
    ) => R;
  }
}
