import {
  anything,
  aText,
  checkOptions,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import { OutcomeUnknownError, type ResponseInfo } from '../errors.ts';
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
 * read once more, until a whole reading finds nothing new. It is also read once more where fewer
 * tickets were seen than its total says: an empty page or one that comes twice may be a server's error.
 *
 * @yields each ticket once
 * @throws OutcomeUnknownError where fewer tickets were seen than the total says, in two readings
 */
export async function* allTickets(
  client: Pick<SeriesClient, 'listTickets'>,
  query: TicketListQuery = {},
  callOptions?: CallOptions,
): AsyncGenerator<Ticket, void, undefined> {
  checkTicketQuery(query);
  const { page: firstPage = 1 } = query;
  const seen = new Set<string>();
  let wasShort = false;
  let attempts = 0;
  for (;;) {
    const before = seen.size;
    let hasShrunk = false;
    let total: number | undefined;
    // Tickets that come while the list is read may be on a page that was read already.
    let leastTotal = Infinity;
    let leftOut = 0;
    let stalePages = 0;
    let response: ResponseInfo | undefined;
    const shown = new Set<string>();
    for (let page = firstPage; ; page += 1) {
      const list = await client.listTickets({ ...query, page }, callOptions);
      attempts += 1;
      hasShrunk ||= total !== undefined && list.total !== undefined && list.total < total;
      ({ total, response } = list);
      leastTotal = Math.min(leastTotal, total ?? Infinity);
      leftOut += list.leftOut;
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
    // The total is that of all pages.
    const missing = firstPage === 1 && leastTotal < Infinity ? leastTotal - seen.size - leftOut : 0;
    if (missing > 0 && wasShort) {
      throw new OutcomeUnknownError(
        `The list of tickets shows only ${leastTotal - missing} of ${leastTotal}, also when it is read again.`,
        { attempts, waitedMs: 0, reason: 'contradiction', response },
      );
    }
    wasShort = missing > 0;
    if (!wasShort && !(hasShrunk && seen.size > before)) return;
  }
}

// With a name that is misspelt, the list would hold what was to be left out.
const queryChecks: OptionChecks<TicketListQuery> = {
  page: anything,
  status: anything,
  author: aText,
  department: aText,
  staffUserId: anything,
};

/** Refuses a filter that does not exist. The other values are checked where they are sent. */
export function checkTicketQuery(query: TicketListQuery): void {
  checkOptions('list-tickets', query, queryChecks);
}
