import {
  aFunction,
  anything,
  checkOptions,
  hasMethod,
  milliseconds,
  wholeNumber,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import { defaultSettleMs } from '@ticket-lifecycle/internal/settle-time';
import type { Lifecycle, Migration } from '@ticket-lifecycle/core';
import {
  createSeriesClient,
  createTicketWorkflow,
  systemClock,
  type KnownState,
  type NotSentError,
  type Outcome,
  type SeriesClient,
  type SeriesClientOptions,
  type StatusStore,
} from '@ticket-lifecycle/series';
import type { Deliver, DeliveryJob, Ending } from '../model/delivery.ts';
import { statedFrom } from '../model/change.ts';
import { FencedError } from '../model/errors.ts';
import { storable } from '../model/storable.ts';
import { settleDoubt, type DoubtContext } from './settle-doubt.ts';
import { checkDue, withFollowUps, type SeriesDueOptions } from './follow-up-deadlines.ts';
import { endingFromOutcome } from './ending-from-outcome.ts';
import { noteEvent } from './note-event.ts';
import { faultsOf } from './outage.ts';
import { carriedOver, checkCarryOver } from './carry-over.ts';
import { lookUpKey, endWithoutKey } from './look-up-key.ts';

/** How to deliver changes to the Series HR ticket API. */
export interface SeriesDeliveryOptions extends Pick<
  SeriesClientOptions,
  'baseUrl' | 'authHeader' | 'fetch'
> {
  // Any lifecycle: the events that are stored are plain names or objects.
  readonly lifecycle: Lifecycle;
  /** Gives the API key for its name, from wherever the service keeps its secrets. */
  readonly apiKey: (name: string) => string | Promise<string>;
  /**
   * How long a request may still be under way after its sender was lost. A change in doubt waits for
   * that long, unless it is found to have arrived: so long does the recovery from a crash take.
   *
   * @defaultValue 30_000
   */
  readonly settleMs?: number | undefined;
  /**
   * Stores for later what the lifecycle makes due (`meta.due`) in the state that a ticket has
   * reached, in the name of a staff member. It is dropped when the ticket has moved on by then.
   *
   * @defaultValue nothing is stored
   */
  readonly due?: SeriesDueOptions | undefined;
  /**
   * Carries over the states that the outbox has stored under an older definition: where a ticket
   * stood, and the `from` and `whileIn` of changes that wait. An outbox stores names and no
   * fingerprint, so a state counts as an older one if the lifecycle does not have it.
   *
   * @defaultValue none: the ticket is read, and where several states have its status, one is assumed
   */
  readonly migration?: Migration | undefined;
}

const lookAgainMs = 250;

const checks: OptionChecks<SeriesDeliveryOptions> = {
  lifecycle: hasMethod('explain', 'a lifecycle, as defineLifecycle makes it'),
  apiKey: aFunction,
  settleMs: milliseconds,
  due: (value) =>
    wholeNumber((value as SeriesDueOptions | null)?.staffUserId) === undefined
      ? undefined
      : '{ staffUserId } with a whole number above 0',
  // Checked by the workflow.
  migration: anything,
  // Checked by the client.
  baseUrl: anything,
  authHeader: anything,
  fetch: anything,
};

/**
 * Delivers changes by a guarded workflow: the lifecycle is asked at delivery, the answer is sorted,
 * and what an earlier attempt left in doubt is settled by reading the ticket first.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { createMemoryOutbox, deliverToSeries } from '@ticket-lifecycle/outbox';
 * import { createSandbox } from '@ticket-lifecycle/sandbox';
 *
 * const sandbox = createSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const delivered = Promise.withResolvers<string>();
 * const outbox = createMemoryOutbox({ onEvent: (event) => delivered.resolve(event.type) });
 * await outbox.accept({ ticketId: 'TICKET-1', event: 'START', staffUserId: 7 });
 * await outbox.run(
 *   deliverToSeries({
 *     lifecycle: ticketLifecycle,
 *     apiKey: () => 'example-key', // from your secrets, by the name that the change carries
 *     fetch: sandbox.fetch, // leave it out to go live
 *   }),
 * );
 * console.log(await delivered.promise); // ended
 * console.log(sandbox.tickets.get('TICKET-1')?.status); // in-progress
 * await outbox.close();
 * ```
 */
export function deliverToSeries(options: SeriesDeliveryOptions): Deliver {
  checkOptions('deliverToSeries', options, checks, { required: ['lifecycle', 'apiKey'] });
  // What is wrong with the address shows here, and not at each delivery.
  const { baseUrl, authHeader, fetch } = options;
  const unused = createSeriesClient({ apiKey: 'not-used', baseUrl, authHeader, fetch });
  const { lifecycle, migration } = options;
  createTicketWorkflow({ lifecycle, client: unused, migration });
  checkCarryOver(options);
  checkDue(options);

  return async (given) => {
    const { job, isCarried } = carriedOver(given, options);
    const takenAt = systemClock.now();
    const apiKey = await lookUpKey(job, options.apiKey);
    if (typeof apiKey === 'object') return apiKey;
    const client = clientOf(job, apiKey, options);
    if (client === undefined) {
      return endWithoutKey(job, `The value of the name ${job.key} is not an API key.`);
    }
    const context = {
      lifecycle,
      client,
      settleMs: options.settleMs ?? defaultSettleMs,
    };
    const { change, doubt } = job;
    let { known } = job;
    let wasRead = false;
    if (doubt !== undefined) {
      const { sinceMs, fromMs } = doubt;
      const from = fromMs === undefined ? undefined : takenAt - fromMs;
      const found = await settleDoubt(job, { since: takenAt - sinceMs, from }, context);
      if (found.kind !== 'untouched') return withFollowUps(found, change, options);
      known = found.known;
      wasRead = true;
    }
    const ending = await send(job, known, { ...context, isCarried });
    // Its ticket was read just now, so the key is not silent: what is lost each time is this change.
    const isAboutChange = wasRead && ending.kind === 'in-doubt';
    const judged = isAboutChange ? { ...ending, keyFault: undefined } : ending;
    return withFollowUps(judged, change, options);
  };
}

/** The client for one delivery, or nothing where what was given can't be a key. */
function clientOf(
  { key, rateLimiter, timeoutMs }: DeliveryJob,
  apiKey: string,
  { baseUrl, authHeader, fetch }: SeriesDeliveryOptions,
): SeriesClient | undefined {
  try {
    const ours = { keyId: key, rateLimiter, timeoutMs };
    return createSeriesClient({ apiKey, baseUrl, authHeader, fetch, ...ours });
  } catch {
    // All else was checked when the delivery was set up.
    return undefined;
  }
}

/** Sends the change, while this worker holds it up to the moment in which the headers are written. */
async function send(
  { change, signal, ensureHeld, isHeld, note }: DeliveryJob,
  known: KnownState | undefined,
  {
    lifecycle,
    client,
    settleMs,
    isCarried,
  }: DoubtContext & { readonly client: SeriesClient; readonly isCarried: boolean },
): Promise<Ending> {
  const { ticketId, event, staffUserId, whileIn, context } = change;
  const store = storeOf(known);
  const workflow = createTicketWorkflow({ lifecycle, client, store, settleMs });
  let quietAt = -Infinity;
  let wasAnswered = false;
  workflow.on((seen) => {
    noteEvent(seen, note);
    if (seen.type === 'in-doubt') quietAt = seen.quietAt;
    if (seen.type === 'answered') wasAnswered = true;
  });
  let mayHaveLeft = false;
  const apply = () =>
    workflow.apply(ticketId, event, {
      staffUserId,
      from: statedFrom(change),
      context,
      signal,
      // A timer was set long ago. What it was set for is looked at anew, and so is a state that had
      // another name when it was stated.
      read: whileIn === undefined && !isCarried ? 'when-unknown' : 'always',
      async beforeSend() {
        await ensureHeld();
        mayHaveLeft = true;
      },
      mayWrite: isHeld,
    });

  for (;;) {
    let outcome: Outcome;
    try {
      outcome = await apply();
    } catch (error) {
      if (mayHaveLeft) throw error;
      if (FencedError.is(error)) return notHeld(error);
      // A guard that throws: nothing was sent, so nothing is in doubt.
      return { kind: 'retry', reason: storable(error) };
    }
    if (outcome.kind === 'not-sent') {
      const { reason, cause } = outcome.error as Partial<NotSentError>;
      if (FencedError.is(cause)) {
        note('cut', cause.message);
        return notHeld(cause);
      }
      // Cut as its headers were to be written, in a process that had been stopped. It asks whether it
      // holds the change still, and sends.
      if (reason === 'stopped' && cause === undefined) {
        note('cut', 'The process had been stopped.');
        continue;
      }
    }
    if (outcome.kind === 'unknown') {
      const { observed, from: before = '' } = outcome;
      // Not read back, or read back and as before without a proof: a later read goes on.
      const isOpen = observed === undefined || observed === lifecycle.statusOf(before);
      if (isOpen || signal.aborted) {
        // A key that answers reads is not silent. One change that is lost each time is tried no more
        // than any other: it may be what breaks the server.
        const { keyFault } = observed === undefined ? faultsOf(outcome.error) : {};
        return { kind: 'in-doubt', reason: storable(outcome.error), keyFault };
      }
    }
    const ending = endingFromOutcome(outcome, whileIn);
    // A step inside one status is done without a request.
    if (ending.kind === 'done' && !wasAnswered) return { ...ending, askedNothing: true };
    // Another process may have the ticket's next change: it waits as the workflow would have waited.
    const quietInMs = quietAt - systemClock.now();
    return quietInMs > 0 && (ending.kind === 'done' || ending.kind === 'unknown')
      ? { ...ending, quietInMs }
      : ending;
  }
}

/**
 * Nothing was sent, since the worker could not show that it held the change. If another one has it,
 * the store takes no end from this one.
 */
function notHeld(error: FencedError): Ending {
  return { kind: 'retry', reason: storable(error), delayMs: lookAgainMs, isOutage: true };
}

/** The store of one delivery: what the outbox knows of the one ticket. */
function storeOf(known: KnownState | undefined): StatusStore {
  let latest = known;
  return {
    get: () => latest,
    set: (_, seen) => {
      latest = seen;
    },
    delete: () => {
      latest = undefined;
    },
  };
}
