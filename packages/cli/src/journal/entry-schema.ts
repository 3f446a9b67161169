import { ticketIdSchema } from '@ticket-lifecycle/series/ids';
import * as z from 'zod/mini';
import { formats } from '../rows/formats.ts';
import type { Intent, OutcomeEntry, RunEntry, JournalHead } from './entries.ts';
import { outcomeKinds } from './line-outcome.ts';
import { printable } from '../terminal/text.ts';

const text = z.string();
const maybeText = z.optional(text);
// The lines that are done are kept as bits: a number that no file has would take all the memory.
const lineNumber = z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1));

const head: z.ZodMiniType<JournalHead> = z.object({
  type: z.literal('journal'),
  version: z.literal(1),
  startedAt: text,
  input: z.object({ file: text, bytes: z.number(), sha256: text }),
  definition: z.object({ file: maybeText, fingerprint: text }),
  baseUrl: text,
  options: z.object({
    plan: z.boolean(),
    read: z.optional(z.enum(['always', 'when-unknown'])),
    staffUserId: z.optional(z.number()),
    format: z.optional(z.enum(formats)),
    only: z.array(text),
    where: z.array(text),
    context: z.optional(z.unknown()),
  }),
});

const intent: z.ZodMiniType<Intent> = z.object({
  type: z.literal('intent'),
  line: lineNumber,
  ticketId: ticketIdSchema,
  event: text,
  staffUserId: z.optional(z.number()),
  from: text,
  to: text,
  fromStatus: text,
  toStatus: text,
  last: z.boolean(),
  at: z.number(),
  openForMs: z.optional(z.number()),
});

// What a resumed run does not use is not checked.
const outcome: z.ZodMiniType<OutcomeEntry> = z.looseObject({
  type: z.literal('outcome'),
  line: lineNumber,
  kind: z.enum([...outcomeKinds, 'unreadable']),
  ticketId: maybeText,
  from: maybeText,
  to: maybeText,
  event: maybeText,
  staffUserId: z.optional(z.number()),
  blockers: z.optional(z.array(z.looseObject({ code: text, message: text }))),
  error: z.optional(z.looseObject({ name: text, message: text })),
  reason: maybeText,
  last: z.boolean(),
  at: z.number(),
});

const takenBack = z.object({
  type: z.literal('taken-back'),
  line: lineNumber,
  at: z.number(),
});
const resumed = z.object({ type: z.literal('resumed'), at: z.number() });
const finished = z.object({ type: z.literal('finished'), at: z.number() });

const schemas: ReadonlyMap<unknown, z.ZodMiniType<RunEntry>> = new Map<
  string,
  z.ZodMiniType<RunEntry>
>([
  ['journal', head],
  ['intent', intent],
  ['outcome', outcome],
  ['taken-back', takenBack],
  ['resumed', resumed],
  ['finished', finished],
]);

/** Whether something was meant as an entry, however damaged it is. */
export const isLikeEntry = (value: unknown): boolean =>
  schemas.has((value as { readonly type?: unknown } | null | undefined)?.type);

/** Reads an entry from what was JSON, or says what is wrong with it. */
export function parseEntry(
  value: unknown,
): { readonly entry: RunEntry } | { readonly problem: string } | { readonly isLater: true } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: `${shown(value)} is not an entry` };
  }
  const { type, version } = value as { readonly type?: unknown; readonly version?: unknown };
  const schema = schemas.get(type);
  if (schema === undefined) return { problem: `"type" can't be ${shown(type)}` };
  if (type === 'journal' && typeof version === 'number' && version > 1) {
    return { isLater: true };
  }
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return { entry: data };
  const path = error.issues[0]?.path ?? [];
  return { problem: `"${path.join('.')}" can't be ${shown(at(value, path))}` };
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (part as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key],
    value,
  );
}

const shown = (value: unknown): string =>
  value === undefined ? 'missing' : printable(JSON.stringify(value)).slice(0, 60);
