import * as z from 'zod/mini';
import { textOf, type Blocker } from '../blockers.ts';
import { jsonFields, jsonValue } from '../json-value.ts';
import { ticketStatusSchema } from '../ticket-status.ts';
import { momentOf } from '../moments.ts';
import { checkOptionNames } from '../options.ts';
import type { Verdict } from '../queries/verdict.ts';
import { expected, isRecord } from '../values.ts';

export { jsonValue };

const blockerSchema = z.object({
  code: z.string(),
  message: z.string(),
  parameters: z.record(z.string(), z.unknown()),
});

/**
 * Parses an entry of a journal: what was asked of a ticket, what was decided, by whom and when,
 * and by which definition. A refusal is an entry like any other, with all its reasons.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { journalEntry, journalEntrySchema } from '@ticket-lifecycle/core/journal';
 *
 * const entry = journalEntry(ticketLifecycle, ticketLifecycle.explain('open', 'CLOSE'), {
 *   ticketId: 'TICKET-1234567890-ABCD',
 *   by: 4711,
 *   at: new Date('2026-11-25T12:00:00Z'),
 * });
 * const { decided } = journalEntrySchema.parse(JSON.parse(JSON.stringify(entry)));
 * if (!decided.allowed) console.log(decided.blockers[0]?.code); // no-such-transition
 * ```
 */
export const journalEntrySchema = z.object({
  ticketId: z.string().check(z.minLength(1)),
  /** When it was asked, as the caller's clock says. */
  at: z.iso.datetime({ offset: true }),
  /** Who asked: a staff user's id, or the name of a person or a program. */
  by: z.union([z.int(), z.string().check(z.minLength(1))]),
  asked: z.object({
    from: z.string(),
    event: z.string(),
    /** What the event carried beside its type, where the caller wants that kept. */
    payload: z.optional(z.record(z.string(), z.unknown())),
  }),
  decided: z.discriminatedUnion('allowed', [
    z.object({
      allowed: z.literal(true),
      to: z.string(),
      status: ticketStatusSchema,
      changesStatus: z.boolean(),
    }),
    z.object({
      allowed: z.literal(false),
      blockers: z.array(blockerSchema).check(z.minLength(1)),
    }),
  ]),
  /** Where the decision was overridden: by whom, why, and which reasons against it. */
  forced: z.optional(
    z.object({
      by: z.union([z.int(), z.string().check(z.minLength(1))]),
      why: z.string().check(z.minLength(1)),
      overrode: z.array(blockerSchema),
    }),
  ),
  /** Of the lifecycle that decided. */
  fingerprint: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
});

/** An entry of a journal. It holds nothing that JSON can't. */
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** What a journal adds to a verdict. */
export interface JournalEntryFacts {
  readonly ticketId: string;
  readonly by: number | string;
  /** The caller's clock: this package has none. */
  readonly at: Date;
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
  /** An override, with the reasons that were overridden. */
  readonly forced?:
    | { readonly by: number | string; readonly why: string; readonly overrode: readonly Blocker[] }
    | undefined;
}

/**
 * Makes the journal's entry of a verdict. What JSON can't hold is written as text, and a Map or
 * Set as a list.
 *
 * @throws TypeError that names what is missing or wrong
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { journalEntry } from '@ticket-lifecycle/core/journal';
 *
 * const verdict = ticketLifecycle.explain('open', 'START');
 * const at = new Date('2026-11-25T12:00:00Z');
 * const entry = journalEntry(ticketLifecycle, verdict, { ticketId: 'T-1', by: 'night job', at });
 * console.log(entry.at, entry.decided.allowed); // 2026-11-25T12:00:00.000Z true
 * ```
 */
export function journalEntry(
  { fingerprint }: { readonly fingerprint: string },
  verdict: Verdict,
  facts: JournalEntryFacts,
): JournalEntry {
  checkOptionNames('journalEntry', facts, ['ticketId', 'by', 'at', 'payload', 'forced']);
  if (!isRecord(verdict) || !(verdict.allowed || Array.isArray(verdict.blockers))) {
    throw new TypeError(`journalEntry, verdict: ${expected('a verdict', verdict)}`);
  }
  checkFacts(facts);
  const { ticketId, by, at, payload, forced } = facts;
  const { from, event } = verdict;
  const { data, error } = journalEntrySchema.safeParse({
    ticketId,
    at: at.toISOString(),
    by,
    // From outside even these may be no texts.
    asked: {
      from: textOf(from),
      event: textOf(event),
      ...(payload === undefined ? {} : { payload: jsonFields(payload) }),
    },
    decided: verdict.allowed
      ? verdict
      : {
          allowed: false,
          blockers: verdict.blockers.map(plainBlocker),
        },
    ...(forced === undefined
      ? {}
      : { forced: { ...forced, overrode: forced.overrode.map(plainBlocker) } }),
    fingerprint,
  });
  if (data !== undefined) return data;
  const place = error.issues[0]?.path.join('.');
  throw new TypeError(`journalEntry, ${place}: An entry can't hold this.`, { cause: error });
}

const plainBlocker = ({ code, message, parameters }: Blocker) => ({
  code,
  message,
  parameters: jsonFields(parameters),
});

function checkFacts({ ticketId, by, at, payload, forced }: JournalEntryFacts): void {
  check('ticketId', isName(ticketId), 'the id of a ticket', ticketId);
  check('at', typeof at === 'object' && !Number.isNaN(momentOf(at)), 'a Date', at);
  check('by', isPerson(by), aPerson, by);
  check('payload', payload === undefined || isRecord(payload), 'an object', payload);
  if (forced === undefined) return;
  check('forced', isRecord(forced), 'an object', forced);
  check('forced.by', isPerson(forced.by), aPerson, forced.by);
  check('forced.why', isName(forced.why), 'a reason in words', forced.why);
  check('forced.overrode', Array.isArray(forced.overrode), 'a list of blockers', forced.overrode);
}

function check(field: string, holds: boolean, what: string, value: unknown): void {
  if (!holds) throw new TypeError(`journalEntry, ${field}: ${expected(what, value)}`);
}

const aPerson = 'the id of a staff user, or a name';
const isName = (value: unknown) => typeof value === 'string' && value !== '';
const isPerson = (value: unknown) => Number.isSafeInteger(value) || isName(value);
