import type { Lifecycle } from '@ticket-lifecycle/core';
import { staffUserIdSchema, ticketIdSchema } from '@ticket-lifecycle/series/ids';
import * as z from 'zod/mini';
import { pathOfRows } from '@ticket-lifecycle/internal/histories/place-of-rows';
import { targetNames } from '../lifecycle/targets.ts';
import { nearest, unknownName } from '../terminal/did-you-mean.ts';
import type { Fields } from '@ticket-lifecycle/internal/histories/json/json-lines';

const known = ['ticketId', 'event', 'to', 'from', 'staffUserId'];
// What our own commands write beside them.
const passedOver = ['type', 'line', 'kind', 'events', 'skipped', 'status'];

/** A change that a line asks for: by an event or by the status to get to, never by both. */
export type LineChange = {
  readonly ticketId: string;
  readonly staffUserId: number;
  readonly from?: string | undefined;
  /**
   * Present on a line that `replay` has written: `from` says where the ticket stood in a log, and not
   * where anybody knows it to be.
   */
  readonly isOfLog?: true | undefined;
} & (
  | { readonly event: string; readonly to?: undefined }
  /** A state, or a status of the API. */
  | { readonly to: string; readonly event?: undefined }
);

/** Reads a change from a line's fields, or says all that is wrong with them. */
export type ParseChange = (
  fields: Fields,
) => { readonly change: LineChange } | { readonly reason: string };

/** Prepares to read changes of a lifecycle's tickets. */
export function createChangeParser(
  lifecycle: Lifecycle,
  defaultStaffUserId: number | undefined,
): ParseChange {
  const states = new Set<unknown>(lifecycle.states);
  const events = new Set<unknown>(lifecycle.events);
  const names = targetNames(lifecycle);
  const targets = new Set<unknown>(names);
  const changeSchema = z.object({
    ticketId: ticketIdSchema,
    event: z.optional(oneOf('event', lifecycle.events)),
    to: z.optional(oneOf('state or status', names)),
    from: z.optional(oneOf('state', lifecycle.states)),
    staffUserId: staffUserIdSchema,
  });

  return (fields) => {
    const { ticketId, event, to, from } = fields;
    const misnamed = misnamedIn(fields);
    const staffUserId = numberOf(fields['staffUserId']) ?? defaultStaffUserId;
    const isOfLog = fields['type'] === 'change' ? true : undefined;
    if (misnamed.length === 0 && isSound(fields, staffUserId)) {
      return { change: { ticketId, event, to, from, staffUserId, isOfLog } as LineChange };
    }
    const examined = examine(fields, staffUserId, misnamed);
    return 'change' in examined ? { change: { ...examined.change, isOfLog } } : examined;
  };

  // Nearly all lines of a large file are sound; taking each through the schema would take longer
  // than reading it. What this lets through, the schema lets through too: a test holds it to that.
  function isSound({ ticketId, event, to, from }: Fields, staffUserId: unknown): boolean {
    return (
      typeof ticketId === 'string' &&
      isPlain(ticketId) &&
      (event === undefined ? targets.has(to) : to === undefined && events.has(event)) &&
      (from === undefined || states.has(from)) &&
      Number.isSafeInteger(staffUserId) &&
      Number(staffUserId) > 0
    );
  }

  function examine(
    fields: Fields,
    staffUserId: unknown,
    misnamed: readonly string[],
  ): ReturnType<ParseChange> {
    const path = known.some((name) => name in fields) ? undefined : pathOfRows(fields);
    if (path !== undefined) {
      return { reason: `its changes may be in ${path}: jq -c '${path}' FILE gives one a line` };
    }
    const { data, error } = changeSchema.safeParse({ ...fields, staffUserId });
    const reasons = [
      ...misnamed,
      ...(error?.issues ?? []).map(({ path: [field], message }) =>
        field === 'staffUserId' && staffUserId === undefined
          ? 'staffUserId is missing: give it in the line or as --staff-user-id'
          : fields[String(field)] === undefined
            ? `${String(field)} is missing`
            : `${String(field)}: ${message}`,
      ),
    ];
    const { event, to } = fields;
    if (event === undefined && to === undefined) reasons.push('event or to is missing');
    if (event !== undefined && to !== undefined)
      reasons.push('it has event and to: give one of them');
    return data === undefined || reasons.length > 0
      ? { reason: reasons.join('; ') }
      : { change: data as LineChange };
  }
}

// A regular expression says the same in twice the time.
const isPlainLetter = Uint8Array.from({ length: 128 }, (_, code) =>
  /[\w-]/.test(String.fromCharCode(code)) ? 1 : 0,
);

function isPlain(ticketId: string): boolean {
  for (let index = 0; index < ticketId.length; index += 1) {
    if (isPlainLetter[ticketId.charCodeAt(index)] !== 1) return false;
  }
  return ticketId.length > 0 && ticketId.length < 100;
}

const oneOf = (kind: string, names: readonly string[]) =>
  z.enum(names as [string, ...string[]], {
    error: ({ input }) => unknownName(kind, input, names),
  });

/** Says what columns of changes lack, or `undefined`. */
export function checkChangeColumns(
  columns: readonly string[],
  hasStaffUserId: boolean,
): string | undefined {
  const reasons = columns.flatMap((name) => (expected.has(name) ? [] : (misspelt(name) ?? [])));
  if (reasons.length > 0) {
    const what = reasons.length === 1 ? 'a column' : 'columns';
    return `has ${what} to be renamed: ${reasons.join(', ')}`;
  }
  if (!columns.includes('ticketId')) return 'has no column "ticketId"';
  if (!columns.includes('event') && !columns.includes('to')) return 'has no column "event" or "to"';
  return hasStaffUserId || columns.includes('staffUserId')
    ? undefined
    : 'has no column "staffUserId", and --staff-user-id is not given';
}

/** A field that looks like one of ours: to ignore it could send what nobody meant. */
function misspelt(name: string): string | undefined {
  const near = nearest(name, known);
  return near === undefined ? undefined : `there is no field "${name}" (did you mean ${near}?)`;
}

const expected = new Set([...known, ...passedOver]);
const seenNames = new Map<string, string | undefined>();
// Names come from outside; a file in which each line has others must not fill the memory.
const mostSeenNames = 1000;
const longestSeenName = 100;

function misnamedIn(fields: Fields): readonly string[] {
  let reasons: string[] | undefined;
  for (const name in fields) {
    if (expected.has(name)) continue;
    const isKept = name.length <= longestSeenName && seenNames.size < mostSeenNames;
    if (isKept && !seenNames.has(name)) seenNames.set(name, misspelt(name));
    const reason = seenNames.has(name) ? seenNames.get(name) : misspelt(name);
    if (reason !== undefined) (reasons ??= []).push(reason);
  }
  return reasons ?? none;
}

const none: readonly string[] = [];

/** A CSV knows only text. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? Number(value) : value;
}

/**
 * Whether a line of `replay --json` only reports: a clock, or the summary. A line that asks for a
 * change is one, whatever its type is called.
 */
export const isReport = ({ type, event, to }: Fields): boolean =>
  (type === 'summary' || type === 'clock') && event === undefined && to === undefined;
