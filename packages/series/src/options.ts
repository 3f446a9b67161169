import type { OptionCheck } from '@ticket-lifecycle/internal/option-checks';

// What fetch takes: also `null`, for none.
export const aSignal: OptionCheck = (value) =>
  value === null || isSignal(value) ? undefined : 'an AbortSignal';

function isSignal(value: unknown): boolean {
  const { addEventListener, aborted } = Object(value) as Partial<AbortSignal>;
  return typeof addEventListener === 'function' && typeof aborted === 'boolean';
}

export const aBoolean: OptionCheck = (value) =>
  typeof value === 'boolean' ? undefined : 'true or false';
