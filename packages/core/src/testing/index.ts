import type { AllowOptions, Asked, BlockOptions } from './matchers.ts';

export { edgeWalks, type EdgeStep } from './edge-walks.ts';
export { lifecycleMatchers, type AllowOptions, type BlockOptions } from './matchers.ts';

declare module 'vitest' {
  interface Matchers<
    R extends void | Promise<void> = void | Promise<void>,
    // oxlint-disable-next-line no-unused-vars -- has to be the same as in vitest
    T = unknown,
  > {
    /** Passes when a lifecycle allows an event in a state. */
    toAllow: (event: Asked, options: AllowOptions) => R;
    /** Passes when a lifecycle blocks an event in a state, for the reason given if there is one. */
    toBlock: (event: Asked, options: BlockOptions) => R;
  }
}
