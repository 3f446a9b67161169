import * as z from 'zod';
import type { AnswerBody } from './api/answer.ts';
import type { UnclaimBody } from './api/route.ts';
import type { RetryAfter } from './api/too-many-requests.ts';
import type { SandboxClock } from './clock.ts';
import { checkOptionNames, invalidOption } from './error.ts';
import { type LimitAlgorithm, limitAlgorithms } from './limits/create-rate-limit.ts';
import type { Stranger } from './limits/stranger.ts';
import type { SameStatus, UnclaimMessage, UpdatedAt } from './tickets/ticket-rules.ts';
import type { NewTicket } from './tickets/ticket.ts';

/** The shortest and the longest wait, in milliseconds. */
export type DelayRange = readonly [min: number, max: number];

/**
 * Options of {@link createSandbox}. What the vendor's documentation leaves open is an option here.
 *
 * @example
 * ```ts
 * import { createSandbox, type SandboxOptions } from '@ticket-lifecycle/sandbox';
 *
 * const unfriendly: SandboxOptions = { retryAfter: 'none', limitedBody: 'text', missingKey: 403 };
 * const sandbox = createSandbox(unfriendly);
 * console.log((await sandbox.fetch('/tickets/get/TICKET-1')).status); // 403
 * ```
 */
export interface SandboxOptions {
  /** Tickets to begin with. @defaultValue [] */
  readonly tickets?: readonly NewTicket[] | undefined;

  /** Not documented: how the limit is kept. @defaultValue 'sliding-log' */
  readonly limit?: LimitAlgorithm | 'none' | undefined;
  /** The budget of each API key. @defaultValue 25, as documented */
  readonly requestsPerSecond?: number | undefined;
  /** How many requests the leaky bucket takes at once. @defaultValue 5 */
  readonly burst?: number | undefined;
  /** Another program that uses every API key too, unseen. @defaultValue no such program */
  readonly stranger?: Stranger | undefined;

  /** The workspace's plan; without one, ticket calls answer 403. @defaultValue 'premium' */
  readonly subscription?: 'premium' | 'enterprise' | 'none' | undefined;
  /** Whether the workspace uses tickets; else, ticket calls answer 403. @defaultValue 'enabled' */
  readonly ticketsModule?: 'enabled' | 'disabled' | undefined;

  /** Not documented: the status of an answer to a request without a key. @defaultValue 401 */
  readonly missingKey?: 401 | 403 | undefined;
  /** Not documented: what that answer carries. @defaultValue 'json' */
  readonly missingKeyBody?: AnswerBody | undefined;
  /** Not documented: what a 429 carries. @defaultValue 'json' */
  readonly limitedBody?: AnswerBody | undefined;
  /** Not documented: how a 429 says when to come back. @defaultValue 'none' */
  readonly retryAfter?: RetryAfter | undefined;
  /** Not documented: what writing the current status again does. @defaultValue 'adds-message' */
  readonly sameStatus?: SameStatus | undefined;
  /** Not documented: whether giving a claimed ticket back adds a message. @defaultValue 'adds-message' */
  readonly unclaim?: UnclaimMessage | undefined;
  /** Not documented: what the body of an unclaim must carry. @defaultValue 'nothing', so `{}` will do */
  readonly unclaimBody?: UnclaimBody | undefined;
  /** Not documented: which changes renew `UpdatedAt`. @defaultValue 'every-change' */
  readonly updatedAt?: UpdatedAt | undefined;
  /** Not documented: what the 5xx of a fault carries. @defaultValue 'json' */
  readonly serverErrorBody?: AnswerBody | undefined;
  /** Where the fault `redirect-elsewhere` leads. @defaultValue 'https://elsewhere.invalid' */
  readonly redirectTo?: string | undefined;

  /** Waits of a random length, before a request counts and before its answer leaves. @defaultValue {} */
  readonly delayMs?:
    | {
        readonly beforeCounting?: DelayRange | undefined;
        readonly beforeAnswering?: DelayRange | undefined;
      }
    | undefined;
  /** Repeats the same random waits. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** How the waits are waited. @defaultValue setTimeout */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
  /** Decides the limit and all times. @defaultValue that of the process, also where a test fakes it */
  readonly clock?: SandboxClock | undefined;
  /** The date on which the clock's present moment falls. @defaultValue new Date() */
  readonly startedAt?: Date | undefined;

  /**
   * How many requests, and how many system messages, are kept to be looked at. Beyond it the
   * oldest go, an eighth of them at once; totals stay right. @defaultValue 100_000
   */
  readonly maxRecordedRequests?: number | undefined;
}

/** The options that are guesses: where the vendor's documentation is silent. */
export const guessedOptions = [
  'limit',
  'burst',
  'stranger',
  'limitedBody',
  'retryAfter',
  'missingKey',
  'missingKeyBody',
  'serverErrorBody',
  'sameStatus',
  'unclaim',
  'unclaimBody',
  'updatedAt',
] as const satisfies readonly (keyof SandboxOptions)[];

const range = z.tuple([z.number().min(0), z.number()]).refine(([min, max]) => min <= max);
const callable = z.custom((value) => typeof value === 'function');

const answerBody = [z.enum(['json', 'text', 'none']), '"json", "text" or "none"'] as const;
const message = [z.enum(['adds-message', 'no-message']), '"adds-message" or "no-message"'] as const;

const rules = {
  tickets: [z.array(z.looseObject({})), 'a list of tickets'],
  limit: [
    z.enum([...limitAlgorithms, 'none']),
    `${limitAlgorithms.map((name) => `"${name}"`).join(', ')} or "none"`,
  ],
  requestsPerSecond: [z.int().min(1), 'an integer of at least 1'],
  burst: [z.int().min(1), 'an integer of at least 1'],
  stranger: [
    z.strictObject({ requestsPerSecond: z.number().positive().max(10_000) }),
    '{ requestsPerSecond } above 0 and up to 10000',
  ],
  subscription: [z.enum(['premium', 'enterprise', 'none']), '"premium", "enterprise" or "none"'],
  ticketsModule: [z.enum(['enabled', 'disabled']), '"enabled" or "disabled"'],
  missingKey: [z.literal([401, 403]), '401 or 403'],
  missingKeyBody: answerBody,
  limitedBody: answerBody,
  retryAfter: [z.enum(['seconds', 'date', 'none']), '"seconds", "date" or "none"'],
  sameStatus: message,
  unclaim: message,
  unclaimBody: [z.enum(['nothing', 'staffUserId']), '"nothing" or "staffUserId"'],
  updatedAt: [z.enum(['every-change', 'status-changes']), '"every-change" or "status-changes"'],
  serverErrorBody: answerBody,
  redirectTo: [z.url({ protocol: /^https?$/ }), 'an http or https URL'],
  delayMs: [
    z.strictObject({ beforeCounting: range.optional(), beforeAnswering: range.optional() }),
    '{ beforeCounting?: [min, max], beforeAnswering?: [min, max] } with 0 ≤ min ≤ max',
  ],
  seed: [z.int(), 'an integer'],
  sleep: [callable, 'a function'],
  clock: [z.looseObject({ now: callable }), 'a clock with now()'],
  startedAt: [z.date(), 'a valid Date'],
  maxRecordedRequests: [z.int().min(0), 'an integer of at least 0'],
} satisfies Record<keyof SandboxOptions, readonly [z.ZodType, string]>;

export function checkOptions(options: SandboxOptions): void {
  checkOptionNames('createSandbox', options, Object.keys(rules));
  for (const [name, [schema, expected]] of Object.entries(rules)) {
    const value = options[name as keyof SandboxOptions];
    if (schema.optional().safeParse(value).success) continue;
    throw invalidOption(`createSandbox: option "${name}"`, expected, value);
  }
}
