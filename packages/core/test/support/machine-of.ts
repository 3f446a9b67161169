import { setup, type AnyStateMachine } from 'xstate';
import {
  defineLifecycle,
  LifecycleDefinitionError,
  type DefinitionFault,
  type LifecycleOptions,
} from '../../src/index.ts';

/** A machine of a definition that the types would not let through, or do not matter for. */
export const machineOf = (config: object, guards: object = {}): AnyStateMachine =>
  setup({ guards: guards as Record<string, () => boolean> }).createMachine(
    config as never,
  ) as unknown as AnyStateMachine;

/** What keeps a machine from being a lifecycle, nothing when it is one. */
export function faultsOf(
  machine: AnyStateMachine,
  options?: LifecycleOptions,
): readonly DefinitionFault[] {
  try {
    defineLifecycle(machine, options);
    return [];
  } catch (error) {
    if (LifecycleDefinitionError.is(error)) return error.faults;
    throw error;
  }
}
