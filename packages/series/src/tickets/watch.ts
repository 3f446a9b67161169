import { aFunction, checkOptions } from '@ticket-lifecycle/internal/option-checks';
import { tell } from '@ticket-lifecycle/internal/tell';
import type { Clock } from '../clock.ts';
import { createHandOver } from '../hand-over.ts';
import type { TicketObservation } from './observe.ts';
import { aSignal } from '../options.ts';

/** How to watch tickets. */
export interface WatchOptions<State extends string = string, Event extends string = string> {
  /**
   * How much of the key's budget the reads may take, from above 0 to 1. Changes go first all the
   * same.
   *
   * @defaultValue 0.2
   */
  readonly share?: number | undefined;
  /**
   * Called once with each change of a watched ticket that somebody else made, by whichever read of
   * this process it was seen. Where it throws or rejects, it is called again with the same, before
   * any later one. Nothing waits for it. While 10,000 wait, a `sink-failed` event tells each further
   * one instead.
   */
  readonly onChange?: ((observation: TicketObservation<State, Event>) => unknown) | undefined;
  /** Called with each ticket that could not be read. It stays in the round. */
  readonly onError?: ((ticketId: string, error: unknown) => void) | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/** Tickets that are read again and again, one after another. */
export interface TicketWatch {
  readonly ticketIds: ReadonlySet<string>;
  add(ticketId: string): void;
  remove(ticketId: string): void;
  /** Ends the watch: no more calls, and no timer is left. */
  close(): void;
}

/** What a watch needs. */
export interface WatchContext {
  readonly clock: Clock;
  readonly requestsPerSecond: () => number;
  /** Whether a change of the ticket is being made: it reports its own outcome. */
  readonly isBusy: (ticketId: string) => boolean;
  readonly observe: (ticketId: string, signal: AbortSignal) => Promise<unknown>;
  /** Calls back with what others did to any ticket. */
  readonly follow: (listener: (observation: TicketObservation) => void) => () => void;
  readonly onFailed: (error: unknown, ticketId: string) => void;
  readonly closed: (watch: TicketWatch) => void;
}

// Slow answers overlap. With more reads than this under way, the server is in trouble.
const mostUnderWay = 8;

/** Checks the arguments of a watch, once. */
export function checkWatch(ticketIds: Iterable<string>, options: WatchOptions): void {
  // A single id is iterable too, letter by letter.
  if (typeof ticketIds === 'string') {
    throw new TypeError(
      'watch: the ticketIds must be a list of ids, received a value of type string.',
    );
  }
  checkOptions('watch', options, {
    share: (value) =>
      typeof value === 'number' && value > 0 && value <= 1
        ? undefined
        : 'a number above 0 and at most 1',
    onChange: aFunction,
    onError: aFunction,
    signal: aSignal,
  });
}

/** Reads tickets in turns, at a share of the budget, and reports those that others have moved. */
export function createWatch(
  ticketIds: Iterable<string>,
  { share = 0.2, onChange, onError, signal }: WatchOptions,
  { clock, requestsPerSecond, isBusy, observe, follow, onFailed, closed }: WatchContext,
): TicketWatch {
  // A Set keeps its order; a ticket that is read moves to the end.
  const round = new Set(ticketIds);
  const stop = new AbortController();
  const { add: handOver, stop: stopHandOver } = createHandOver<TicketObservation>({
    // It may have been removed since.
    take: (observation) => (isWatched(observation.ticketId) ? onChange?.(observation) : undefined),
    clock,
    onFailed: (error, { ticketId }) => onFailed(error, ticketId),
    onDropped({ ticketId, status }, why) {
      const text = `Too many changes wait already. Lost: ${ticketId} is ${status}.`;
      if (why === 'full') onFailed(new Error(text), ticketId);
    },
  });
  const unfollow = follow((observation) => {
    if (isWatched(observation.ticketId)) handOver(observation);
  });
  let underWay = 0;
  let timer: unknown;

  const close = () => {
    if (timer !== undefined) clock.clearTimeout(timer);
    timer = undefined;
    signal?.removeEventListener('abort', close);
    stop.abort();
    unfollow();
    stopHandOver();
    closed(watch);
  };
  const watch: TicketWatch = {
    ticketIds: round,
    add(ticketId) {
      round.add(ticketId);
      if (timer === undefined) next();
    },
    remove: (ticketId) => void round.delete(ticketId),
    close,
  };
  if (signal?.aborted === true) close();
  else {
    signal?.addEventListener('abort', close, { once: true });
    next();
  }
  return watch;

  function next(): void {
    timer = undefined;
    if (stop.signal.aborted || round.size === 0) return;
    const ticketId = underWay < mostUnderWay ? nextFree() : undefined;
    if (ticketId !== undefined) void read(ticketId);
    timer = clock.setTimeout(next, 1000 / (requestsPerSecond() * share));
  }

  function nextFree(): string | undefined {
    for (const ticketId of round) {
      if (isBusy(ticketId)) continue;
      round.delete(ticketId);
      round.add(ticketId);
      return ticketId;
    }
    return undefined;
  }

  async function read(ticketId: string): Promise<void> {
    underWay += 1;
    try {
      await observe(ticketId, stop.signal);
    } catch (error) {
      if (isWatched(ticketId)) tell(() => onError?.(ticketId, error));
    } finally {
      underWay -= 1;
    }
  }

  function isWatched(ticketId: string): boolean {
    return !stop.signal.aborted && round.has(ticketId);
  }
}
