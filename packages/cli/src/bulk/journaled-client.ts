import type { Lifecycle } from '@ticket-lifecycle/core';
import { NotSentError, type SeriesClient, type StatusStore } from '@ticket-lifecycle/series';
import type { LineChange } from './change-line.ts';
import type { Intent } from '../journal/entries.ts';
import { JournalError, type Journal } from '../journal/journal.ts';

/** The change of a line that is being carried out. */
export interface CurrentLine {
  readonly line: number;
  readonly change: LineChange;
}

/** What to write down, and where to find it. */
export interface JournaledClientOptions {
  readonly journal: Journal;
  readonly lifecycle: Lifecycle;
  /** The workflow's: it knows where a ticket stands when its change is sent. */
  readonly store: StatusStore;
  /** The line that is being carried out, by its ticket. */
  readonly current: ReadonlyMap<string, CurrentLine>;
}

/** Writes the intent of each change before it is sent: see journal/journal.ts. */
export function journaledClient(
  client: SeriesClient,
  options: JournaledClientOptions,
): SeriesClient {
  const { journal, lifecycle, store, current } = options;
  return {
    ...client,
    async changeStatus(change, callOptions) {
      const line = current.get(change.ticketId);
      if (line !== undefined) await write(await intentOf(line, change.status));
      return client.changeStatus(change, callOptions);
    },
  };

  async function write(intent: Intent): Promise<void> {
    try {
      await journal.append(intent);
    } catch (cause) {
      if (!(cause instanceof JournalError)) throw cause;
      const effort = { attempts: 0, waitedMs: 0 };
      throw new NotSentError(`Nothing was sent: ${cause.message}`, {
        ...effort,
        reason: 'aborted',
        cause,
      });
    }
  }

  async function intentOf({ line, change }: CurrentLine, toStatus: string): Promise<Intent> {
    const { ticketId } = change;
    const from = (await store.get(ticketId))?.state ?? change.from;
    const to = from === undefined ? undefined : targetOf(from, toStatus, change.event);
    const isThere = lifecycle.isState(change.to) ? to === change.to : toStatus === change.to;
    return {
      type: 'intent',
      line,
      ticketId,
      from,
      to,
      fromStatus: from === undefined ? undefined : lifecycle.statusOf(from),
      toStatus,
      event: change.event,
      last: change.event !== undefined || isThere,
      at: Date.now(),
    };
  }

  function targetOf(from: string, toStatus: string, event: string | undefined): string | undefined {
    const edges = event === undefined ? lifecycle.edges : lifecycle.edgesOf(event);
    return edges.find((edge) => edge.from === from && lifecycle.statusOf(edge.to) === toStatus)?.to;
  }
}
