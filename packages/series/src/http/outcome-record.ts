import { jsonValue } from '@ticket-lifecycle/core/journal';
import type { NotSentReason, RefusalCode, SeriesError, UnknownReason } from '../errors.ts';
import type { Outcome } from '../workflow/outcome.ts';

/** The error of an outcome, as plain data. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly delivery: SeriesError['delivery'];
  /** Why nothing was sent, or why the outcome is unknown. */
  readonly reason?: NotSentReason | UnknownReason;
  /** Our name for the API's refusal. */
  readonly code?: RefusalCode;
  /** The HTTP status, where there was an answer. */
  readonly httpStatus?: number;
  readonly serverMessage?: string;
  /** Why the ticket could not be read back. */
  readonly readError?: ErrorRecord;
}

/** An outcome as plain data, which JSON can store. */
export type OutcomeRecord<State extends string = string, Event extends string = string> =
  Outcome<State, Event> extends infer Kind
    ? Kind extends { readonly error: unknown }
      ? Omit<Kind, 'error'> & { readonly error: ErrorRecord }
      : Kind
    : never;

/**
 * Makes plain data of an outcome. Its error keeps what it says, and loses its class, stack and cause.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 * import {
 *   createSeriesClient,
 *   createTicketWorkflow,
 *   toOutcomeRecord,
 * } from '@ticket-lifecycle/series';
 *
 * const { fetch } = createSandbox();
 * const client = createSeriesClient({ apiKey: 'example-key', fetch });
 * const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
 * const change = { staffUserId: 7, from: 'open' } as const;
 * const record = toOutcomeRecord(await workflow.apply('TICKET-9', 'START', change));
 * if (record.kind === 'refused') console.log(record.error.code); // ticket-not-found
 * ```
 */
export function toOutcomeRecord<State extends string, Event extends string>(
  outcome: Outcome<State, Event>,
): OutcomeRecord<State, Event>;
export function toOutcomeRecord(outcome: Outcome): OutcomeRecord {
  const { error, ...rest } = outcome as Partial<Extract<Outcome, { error: unknown }>>;
  // From outside even an id may be a BigInt, and a guard may be asked with anything.
  const plain = jsonValue(rest) as OutcomeRecord;
  return error === undefined ? plain : ({ ...plain, error: toErrorRecord(error) } as never);
}

function toErrorRecord(error: SeriesError): ErrorRecord {
  const { name, message, delivery } = error;
  const { reason, code, httpStatus, serverMessage } = error as Partial<ErrorRecord>;
  const { readError } = error as { readonly readError?: SeriesError };
  const whyUnread = readError && toErrorRecord(readError);
  const said = { name, message, delivery, reason, code, httpStatus, serverMessage };
  return jsonValue({ ...said, readError: whyUnread }) as ErrorRecord;
}
