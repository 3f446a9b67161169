import type { Sandbox } from '../../src/index.ts';

type Fetch = Sandbox['fetch'];

export const staffUserId = 987654321;

/** Asks for a status as a careful client does; `body` replaces what would be sent. */
export function postStatus(
  fetch: Fetch,
  ticketId: string,
  status: unknown,
  init: RequestInit = {},
) {
  return fetch(`https://api.series.hr/tickets/${encodeURIComponent(ticketId)}/status`, {
    method: 'POST',
    headers: { apikey: 'secret', 'content-type': 'application/json' },
    body: JSON.stringify({ status, staffUserId }),
    ...init,
  });
}

export function postClaim(
  fetch: Fetch,
  ticketId: string,
  action: 'claim' | 'unclaim' = 'claim',
  init: RequestInit = {},
) {
  return fetch(`https://api.series.hr/tickets/${encodeURIComponent(ticketId)}/${action}`, {
    method: 'POST',
    headers: { apikey: 'secret', 'content-type': 'application/json' },
    body: JSON.stringify({ staffUserId }),
    ...init,
  });
}

export function listTickets(fetch: Fetch, query: string) {
  return fetch(`https://api.series.hr/tickets/list${query}`, { headers: { apikey: 'secret' } });
}

export function getTicket(fetch: Fetch, id: string, apikey = 'secret') {
  return fetch(`https://api.series.hr/tickets/get/${encodeURIComponent(id)}`, {
    headers: { apikey },
  });
}

export async function seen(response: Response) {
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

export const failure = (code: number, message: string) => ({
  status: code,
  body: { success: false, error: { code, message } },
});

/** A clock that stands still until told otherwise. */
export function createFakeClock(start = 0) {
  let now = start;
  return {
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
}
