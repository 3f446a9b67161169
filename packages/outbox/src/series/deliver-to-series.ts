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
import type { Lifecycle } from '@ticket-lifecycle/core';
import {
  createSeriesClient,
  createTicketWorkflow,
  type KnownState,
  type Outcome,
  type SeriesClient,
  type SeriesClientOptions,
  type StatusStore,
} from '@ticket-lifecycle/series';
import type { Deliver, DeliveryJob, Ending } from '../model/delivery.ts';
import { settleDoubt } from './settle-doubt.ts';
import { withFollowUps, type SeriesDueOptions } from './follow-up-deadlines.ts';
import { endingFromOutcome } from './ending-from-outcome.ts';
import { lookUpKey, endWithoutKey } from './look-up-key.ts';
import { fetchWhileHeld } from './fetch-while-held.ts';

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
   * How long a request may still be under way after its sender was lost.
   *
   * @defaultValue one second more than the outbox's `timeoutMs`
   */
  readonly settleMs?: number | undefined;
  /**
   * Stores for later what the lifecycle makes due (`meta.due`) in the state that a ticket has
   * reached, in the name of a staff member. It is dropped when the ticket has moved on by then.
   *
   * @defaultValue nothing is stored
   */
  readonly due?: SeriesDueOptions | undefined;
}

const checks: OptionChecks<SeriesDeliveryOptions> = {
  lifecycle: hasMethod('explain', 'a lifecycle, as defineLifecycle makes it'),
  apiKey: aFunction,
  settleMs: milliseconds,
  due: (value) =>
    wholeNumber((value as SeriesDueOptions | null)?.staffUserId) === undefined
      ? undefined
      : '{ staffUserId } with a whole number above 0',
  // Checked by the client.
  baseUrl: anything,
  authHeader: anything,
  fetch: anything,
};

// Longer ago, and the ticket is read: the steps of one ticket mostly follow upon each other.
const freshMs = 5 * 60_000;

/**
 * Delivers changes by a guarded workflow: the lifecycle is asked at delivery, the answer is sorted,
 * and what an earlier attempt left in doubt is settled by reading the ticket first.
 *
 * Another's change there and back (A → B → A) can't be seen by reading.
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
  createSeriesClient({ apiKey: 'not-used', baseUrl, authHeader, fetch });

  return async (handed) => {
    const delivery = { ...handed, known: freshOf(handed.known) };
    const apiKey = await lookUpKey(delivery, options.apiKey);
    if (typeof apiKey === 'object') return apiKey;
    const client = clientOf(delivery, apiKey, options);
    if (client === undefined) {
      return endWithoutKey(delivery, `What was given for the name ${delivery.key} is no API key.`);
    }
    const settleMs = options.settleMs ?? defaultSettleMs;
    let { known } = delivery;
    if (delivery.doubt !== undefined) {
      const found = await settleDoubt(delivery, delivery.doubt.sinceMs, {
        ...options,
        client,
        settleMs,
      });
      if (found.kind !== 'untouched') return withFollowUps(found, delivery.change, options);
      known = found.known;
    }
    const ending = await send(delivery, known, client, { lifecycle: options.lifecycle, settleMs });
    return withFollowUps(ending, delivery.change, options);
  };
}

/** What the outbox remembers, unless it is too old to go by: people move tickets, too. */
function freshOf(known: KnownState | undefined): KnownState | undefined {
  return known !== undefined && Date.now() - known.seenAt < freshMs ? known : undefined;
}

/** The client for one delivery, or nothing where what was given can't be a key. */
function clientOf(
  delivery: DeliveryJob,
  apiKey: string,
  { baseUrl, authHeader, fetch = globalThis.fetch }: SeriesDeliveryOptions,
): SeriesClient | undefined {
  const { key, rateLimiter, timeoutMs } = delivery;
  try {
    return createSeriesClient({
      apiKey,
      keyId: key,
      baseUrl,
      authHeader,
      rateLimiter,
      timeoutMs,
      // Between the slot and the socket the process may have been stopped.
      fetch: (input, init) => fetchWhileHeld(fetch, new Request(input, init), delivery),
    });
  } catch {
    // All else was checked when the delivery was set up.
    return undefined;
  }
}

async function send(
  { change, signal }: DeliveryJob,
  known: KnownState | undefined,
  client: SeriesClient,
  { lifecycle, settleMs }: { readonly lifecycle: Lifecycle; readonly settleMs: number },
): Promise<Ending> {
  const { ticketId, event, staffUserId, from, whileIn, context } = change;
  const store = storeOf(known);
  const workflow = createTicketWorkflow({ lifecycle, client, store, settleMs });
  const apply = (read: 'when-unknown' | 'always') =>
    workflow.apply(ticketId, event, { staffUserId, from: whileIn ?? from, context, signal, read });
  // A timer was set long ago. What it was set for is looked at anew.
  let outcome = await apply(whileIn === undefined ? 'when-unknown' : 'always');
  // What is only remembered must not be the reason to send nothing.
  if (known !== undefined && whileIn === undefined && isStandstill(outcome)) {
    outcome = await apply('always');
  }
  // Cut short while it was being settled, or with nobody there to tell: a later look goes on.
  if (outcome.kind === 'unknown' && (signal.aborted || outcome.observed === undefined)) {
    throw outcome.error;
  }
  return endingFromOutcome(outcome, whileIn);
}

/** Whether the lifecycle had nothing to be done, or forbade it. */
const isStandstill = ({ kind, from, to }: Outcome) =>
  kind === 'blocked' || (kind === 'unchanged' && from === to);

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
