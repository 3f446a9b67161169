import type { Outcome } from '../../src/index.ts';

/** Compiles without a default, because every kind has its case. */
export function exhaustive(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'confirmed':
      return outcome.by;
    case 'unchanged':
      return outcome.status;
    case 'blocked':
      return outcome.blockers.map(({ message }) => message).join(' ');
    case 'refused':
      return outcome.error.code;
    case 'not-sent':
      return outcome.error.message;
    case 'unknown':
      return outcome.observed ?? 'not seen';
  }
}

// @ts-expect-error -- a kind is left out, so the function may end without an answer
export function incomplete(outcome: Outcome): string {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- it is meant to be incomplete
  switch (outcome.kind) {
    case 'confirmed':
    case 'unchanged':
    case 'blocked':
    case 'refused':
    case 'not-sent':
      return outcome.kind;
  }
}
