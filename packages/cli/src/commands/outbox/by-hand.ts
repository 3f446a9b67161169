import type { Outbox, RedriveFilter } from '@ticket-lifecycle/outbox';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { withOutbox, type OutboxPlace } from './open-outbox.ts';

/** What a person decides about one change. */
export type Decision =
  | { readonly step: 'redrive' | 'cancel' | 'give-back' }
  | { readonly step: 'skip'; readonly note: string };

/** Throws for what can't be the id of a change. */
export function demandId(id: string): void {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) return;
  throw new CliError(
    'The id of a change is a UUID. `outbox blocked` shows it beside its ticket, and `outbox dead` shows those that failed.',
  );
}

const done = {
  redrive: 'It is tried again.',
  cancel: 'It is taken back.',
  'give-back':
    'It is taken from its worker, and tried again in about eight seconds: the ticket is read first.',
  skip: 'It is given up; its ticket goes on.',
} as const;

const without = {
  redrive: 'is dead or in doubt',
  cancel: 'can be taken back: it has ended, is under way, or may have arrived',
  'give-back': 'is under way',
  skip: 'is dead or in doubt',
} as const;

/** Carries a decision about one change out. */
export async function decide(
  id: string,
  decision: Decision,
  place: OutboxPlace,
  { messages, secrets }: Terminal,
): Promise<number> {
  demandId(id);
  return withOutbox(place, secrets, async (outbox) => {
    if (!(await carryOut(outbox, id, decision))) {
      throw new CliError(`No change ${id} ${without[decision.step]}.`);
    }
    messages.show(done[decision.step]);
    return exitCodes.ok;
  });
}

function carryOut(outbox: Outbox, id: string, decision: Decision): Promise<boolean> {
  switch (decision.step) {
    case 'redrive':
      return outbox.redrive(id);
    case 'cancel':
      return outbox.cancel(id);
    case 'give-back':
      return outbox.giveBack(id);
    case 'skip':
      return outbox.skip(id, decision.note);
  }
}

/** Redrives all changes that fit. */
export async function redriveMany(
  filter: RedriveFilter,
  place: OutboxPlace,
  { messages, secrets }: Terminal,
): Promise<number> {
  return withOutbox(place, secrets, async (outbox) => {
    const count = await outbox.redriveMany(filter);
    messages.show(count === 1 ? '1 change is tried again.' : `${count} changes are tried again.`);
    const { key } = filter;
    if (count === 0) {
      const isMisspelt = key !== undefined && (await isUnused(key, outbox));
      messages.show(
        isMisspelt
          ? await unusedText(key, outbox)
          : 'None that is dead or unknown fits: outbox dead lists them.',
      );
    }
    return exitCodes.ok;
  });
}

/** Pauses a key where there is a note, or else resumes it. */
export async function pauseKey(
  key: string,
  note: string | undefined,
  place: OutboxPlace,
  { messages, secrets }: Terminal,
): Promise<number> {
  return withOutbox(place, secrets, async (outbox) => {
    try {
      if (note !== undefined) {
        await outbox.pause(key, note);
        messages.show(`${key} is paused; what is under way goes on.`);
        if (await isUnused(key, outbox)) messages.show(await unusedText(key, outbox));
        return exitCodes.ok;
      }
      if (!(await outbox.resume(key))) throw new CliError(`${key} is not paused.`);
    } catch (error) {
      throw error instanceof TypeError ? new CliError(error.message) : error;
    }
    messages.show(`${key} goes on.`);
    return exitCodes.ok;
  });
}

/** A name that is misspelt pauses or redrives nothing, and looks as if it had. */
async function isUnused(key: string, { inspect }: Outbox): Promise<boolean> {
  const { waiting, later, retrying, underWay, dead, unknown } = await inspect.depth(key);
  if (waiting + later + retrying + underWay + dead + unknown > 0) return false;
  return (await inspect.budgets()).every((budget) => budget.key !== key);
}

async function unusedText(key: string, { inspect }: Outbox): Promise<string> {
  const used = (await inspect.budgets({ most: 5 })).map((budget) => budget.key);
  const keys = used.length === 0 ? '' : ` Keys in use: ${used.join(', ')}.`;
  return `No change of ${key} waits, and none was ever sent. Check the name.${keys}`;
}

/** Makes or upgrades the tables of an outbox. */
export async function installOutbox(
  place: Pick<OutboxPlace, 'schema'>,
  { messages, secrets }: Terminal,
): Promise<number> {
  return withOutbox(
    place,
    secrets,
    async () => {
      messages.show(`The tables are there, in the schema ${place.schema}.`);
      return exitCodes.ok;
    },
    'when-needed',
  );
}
