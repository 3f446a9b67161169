import { ticketLifecycle, ticketStatuses } from '@ticket-lifecycle/core';
import { staffUserIdSchema, ticketIdSchema } from '@ticket-lifecycle/series';
import * as z from 'zod/mini';
import { didYouMean, nearest } from './near.ts';
import type { Fields } from './rows.ts';

const known = ['ticketId', 'event', 'to', 'from', 'staffUserId'];
// What our own commands write beside them.
const passedOver = ['type', 'line', 'kind', 'events', 'skipped', 'status'];

const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, {
    error: ({ input }) =>
      `${JSON.stringify(input)?.slice(0, 40)} is none of ${names.join(', ')}${didYouMean(input, names)}`,
  });

const changeSchema = z.object({
  ticketId: ticketIdSchema,
  event: z.optional(oneOf(ticketLifecycle.events)),
  to: z.optional(oneOf(ticketStatuses)),
  from: z.optional(oneOf(ticketStatuses)),
  staffUserId: staffUserIdSchema,
});

type ParsedChange = z.infer<typeof changeSchema>;

/** A change that a line asks for: by an event or by the status to get to, never by both. */
export type LineChange = Omit<ParsedChange, 'event' | 'to'> &
  (
    | { readonly event: NonNullable<ParsedChange['event']>; readonly to?: undefined }
    | { readonly to: NonNullable<ParsedChange['to']>; readonly event?: undefined }
  );

/** Reads a change from a line's fields, or says all that is wrong with them. */
export function parseChange(
  fields: Fields,
  defaultStaffUserId?: number,
): { readonly change: LineChange } | { readonly fault: string } {
  const staffUserId = numberOf(fields['staffUserId']) ?? defaultStaffUserId;
  const { data, error } = changeSchema.safeParse({ ...fields, staffUserId });
  const faults = [
    ...misspelt(Object.keys(fields)),
    ...(error?.issues ?? []).map(({ path: [field], message }) =>
      field === 'staffUserId' && staffUserId === undefined
        ? 'staffUserId is missing: give it in the line or as --staff-user-id'
        : fields[String(field)] === undefined
          ? `${String(field)} is missing`
          : `${String(field)}: ${message}`,
    ),
  ];
  const { event, to } = fields;
  if (event === undefined && to === undefined) faults.push('event or to is missing');
  if (event !== undefined && to !== undefined) faults.push('it has event and to: give one of them');
  return data === undefined || faults.length > 0
    ? { fault: faults.join('; ') }
    : { change: data as LineChange };
}

/** Says what columns of changes lack, or `undefined`. */
export function checkChangeColumns(
  columns: readonly string[],
  hasStaffUserId: boolean,
): string | undefined {
  const [fault] = misspelt(columns);
  if (fault !== undefined) return `has a column to be renamed: ${fault}`;
  if (!columns.includes('ticketId')) return 'has no column "ticketId"';
  if (!columns.includes('event') && !columns.includes('to')) return 'has no column "event" or "to"';
  return hasStaffUserId || columns.includes('staffUserId')
    ? undefined
    : 'has no column "staffUserId", and --staff-user-id is not given';
}

/** A field that looks like one of ours: passing it over would send what nobody meant. */
function misspelt(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (known.includes(name) || passedOver.includes(name)) return [];
    const near = nearest(name, known);
    return near === undefined ? [] : [`there is no field "${name}" (did you mean ${near}?)`];
  });
}

/** A CSV knows only text. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? Number(value) : value;
}
