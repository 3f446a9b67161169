import type { LostChange, WaitingChange } from '@ticket-lifecycle/core';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { openInput, visible } from '../../rows/input.ts';
import { scanRows } from '../../rows/rows.ts';

/** Changes that wait to be sent, all of one event and state. */
export interface WaitingGroup extends WaitingChange {
  readonly changes: number;
  /** One of them, where the file names it. */
  readonly id: string | undefined;
  readonly ticketId: string | undefined;
}

/** Waiting changes that the new lifecycle blocks, or leads elsewhere. */
export type LostGroup = WaitingGroup & Without<LostChange>;
// Of each member of the union.
type Without<Lost> = Lost extends unknown ? Omit<Lost, 'change'> : never;

/** Whether the old lifecycle blocks them too. */
export const isBlockedAnyway = (group: LostGroup): boolean =>
  group.kind === 'blocked' && group.wasBlocked;

/**
 * Reads what `outbox waiting --json` has printed. Changes that are compared alike are kept once, with
 * their number, so a long list takes no more memory than a short one.
 */
export async function readWaiting(file: string, signal: AbortSignal): Promise<WaitingGroup[]> {
  const groups = new Map<string, WaitingGroup>();
  const input = await openInput(file, signal);
  const options = { format: 'ndjson', allowEmpty: true, checkColumns: () => undefined } as const;
  await scanRows(input, options, (row) => {
    if (!('fields' in row)) throw unusableLine(file, row.line, 'is not a JSON object');
    const { event, from, whileIn, context, id, ticketId } = row.fields;
    if (!isEvent(event)) throw unusableLine(file, row.line, 'has no "event"');
    const state = textOf(whileIn) ?? textOf(from);
    const change = { event, from: state, ...(context === undefined ? {} : { context }) };
    const name = JSON.stringify(change);
    const known = groups.get(name);
    groups.set(
      name,
      known === undefined
        ? {
            ...(JSON.parse(name) as typeof change),
            changes: 1,
            id: textOf(id),
            ticketId: textOf(ticketId),
          }
        : { ...known, changes: known.changes + 1 },
    );
  });
  return [...groups.values()].toSorted((one, other) => other.changes - one.changes);
}

const unusableLine = (file: string, line: number, what: string) =>
  new CliError(
    `--waiting: line ${line} of ${visible(file)} ${what}. Give what "outbox waiting --json" prints.`,
    exitCodes.unreadable,
  );

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

function isEvent(event: unknown): event is WaitingChange['event'] {
  const type = typeof event === 'string' ? event : (event as { type?: unknown } | null)?.type;
  return typeof type === 'string' && type !== '';
}
