import type { Lifecycle } from '@ticket-lifecycle/core';
import { CliError } from '../cli-error.ts';
import { nearest, unknownName } from '../terminal/did-you-mean.ts';
import { printable } from '../terminal/text.ts';

/** Refuses a name that a lifecycle does not have, such as a typo. */
export function checkName(
  option: string,
  kind: string,
  given: string,
  known: readonly string[],
): void {
  if (!known.includes(given)) throw new CliError(`${option}: ${unknownName(kind, given, known)}.`);
}

/** The same for a state. Its label, which pictures show, and its status are not its name. */
export function checkState(option: string, given: string, lifecycle: Lifecycle): void {
  const { states } = lifecycle;
  if (states.includes(given)) return;
  const text = `${option}: ${unknownName('state', given, states)}.`;
  const shown = printable(JSON.stringify(given).slice(0, 60));
  const ofStatus = lifecycle.targetsOf(given);
  const labels = states.map((state) => labelOf(lifecycle, state));
  // One that is nearly a label is taken for it.
  const near = nearest(given, labels);
  const labelled = states.filter((_, index) => labels[index] === near);
  if (ofStatus.length > 0) {
    throw new CliError(`${text} ${shown} is a status. Its states are ${ofStatus.join(', ')}.`);
  }
  if (near !== undefined && !states.includes(near)) {
    const label = printable(JSON.stringify(near));
    throw new CliError(`${text} ${label} is the label of ${labelled.join(' and ')}.`);
  }
  throw new CliError(text);
}

function labelOf(lifecycle: Lifecycle, state: string): string {
  const { label } = lifecycle.metaOf(state);
  return typeof label === 'string' ? label : state;
}
