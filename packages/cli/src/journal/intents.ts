import type { Intent, OutcomeEntry } from './entries.ts';

// Which intents of a line have no outcome yet: a list for each line, the oldest first.

/** Adds one: a change is about to be sent. */
export function intend(intents: Intent[], intent: Intent): void {
  const latest = intents.at(-1);
  // Sent once more, after the ticket was read and the first was seen not to be processed.
  const isRepeated =
    latest?.fromStatus === intent.fromStatus && latest?.toStatus === intent.toStatus;
  if (isRepeated) intents.pop();
  intents.push(intent);
}

/** Takes away that of a step which was made. The lifecycle's own steps are not sent: they have none. */
export function endStep(intents: Intent[], { kind, by }: OutcomeEntry): void {
  if (kind === 'confirmed' && by !== 'lifecycle') intents.shift();
}
