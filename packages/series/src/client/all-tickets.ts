import {
  anything,
  checkOptions,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import type { CallOptions } from '../request/call-options.ts';
import type { SeriesClient, TicketListQuery } from './series-client.ts';
import type { Ticket } from './ticket.ts';

// A server that repeats a page for ever must not hold anybody for ever.
const mostStalePages = 3;

/**
 * Goes through all tickets of a list, each once.
 *
 * Pages are counted by position. Where tickets leave the list while it is read, those behind them
 * move up, past the page that is read next. So when the list got shorter while it was read, it is
 * read once more, until a whole reading finds nothing new.
 *
 * @yields each ticket once
 */
export async function* allTickets(
  client: Pick<SeriesClient, 'listTickets'>,
  query: TicketListQuery = {},
  callOptions?: CallOptions,
): AsyncGenerator<Ticket, void, undefined> {
  checkTicketQuery(query);
  const seen = new Set<string>();
  for (let mayBeMore = true; mayBeMore;) {
    const before = seen.size;
    let hasShrunk = false;
    let total: number | undefined;
    let stalePages = 0;
    const shown = new Set<string>();
    for (let page = query.page ?? 1; ; page += 1) {
      const list = await client.listTickets({ ...query, page }, callOptions);
      hasShrunk ||= total !== undefined && list.total !== undefined && list.total < total;
      total = list.total;
      const shownBefore = shown.size;
      for (const ticket of list.tickets) {
        shown.add(ticket.ticketId);
        if (seen.has(ticket.ticketId)) continue;
        seen.add(ticket.ticketId);
        yield ticket;
      }
      stalePages = shown.size === shownBefore ? stalePages + 1 : 0;
      // Where the answer does not say whether it is the last, those that follow show nothing new.
      if (list.hasNext === false || stalePages >= mostStalePages) break;
    }
    mayBeMore = hasShrunk && seen.size > before;
  }
}

// Only the names: with one that is misspelt, the list would hold what was to be left out.
const queryChecks: OptionChecks<TicketListQuery> = {
  page: anything,
  status: anything,
  author: anything,
  department: anything,
  staffUserId: anything,
};

/** Refuses a filter that does not exist. Values are checked where they are sent. */
export function checkTicketQuery(query: TicketListQuery): void {
  checkOptions('list-tickets', query, queryChecks);
}
