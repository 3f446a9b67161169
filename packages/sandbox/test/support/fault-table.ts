import type { FaultKind } from '../../src/index.ts';

/** What a client that changes a ticket from open to resolved meets under each fault. */
export interface Expected {
  /** The HTTP status, or how the connection fails. */
  readonly seen: number | 'refused' | 'reset' | 'silence' | 'half a body' | 'half a body, open';
  /** Where the ticket stands in the end. */
  readonly stands: 'open' | 'in-progress' | 'resolved' | 'deleted';
  readonly applied: boolean;
  readonly counted?: false;
}

const untouched = { stands: 'open', applied: false } as const;
const done = { stands: 'resolved', applied: true } as const;

export const expectations: Readonly<Record<FaultKind, Expected>> = {
  'connection-refused': { seen: 'refused', ...untouched, counted: false },
  'reset-before-reading': { seen: 'reset', ...untouched, counted: false },
  'reset-after-applying': { seen: 'reset', ...done },
  'lost-before-applying': { seen: 'silence', ...untouched },
  'lost-after-applying': { seen: 'silence', ...done },
  'cut-body': { seen: 'half a body', ...done },
  'stalled-body': { seen: 'half a body, open', ...done },
  'slow-loris': { seen: 200, ...done },
  'gigantic-body': { seen: 200, ...done },
  '429-with-seconds': { seen: 429, ...untouched, counted: false },
  '429-with-date': { seen: 429, ...untouched, counted: false },
  '429-with-junk': { seen: 429, ...untouched, counted: false },
  '429-without-retry-after': { seen: 429, ...untouched, counted: false },
  '401': { seen: 401, ...untouched },
  '403-subscription': { seen: 403, ...untouched },
  '403-module': { seen: 403, ...untouched },
  '403-unheard-of': { seen: 403, ...untouched },
  '404': { seen: 404, ...untouched },
  '408': { seen: 408, ...untouched },
  '409': { seen: 409, ...untouched },
  '500-before-applying': { seen: 500, ...untouched },
  '500-after-applying': { seen: 500, ...done },
  '502-before-applying': { seen: 502, ...untouched },
  '502-after-applying': { seen: 502, ...done },
  '503-before-applying': { seen: 503, ...untouched },
  '503-after-applying': { seen: 503, ...done },
  '504-before-applying': { seen: 504, ...untouched },
  '504-after-applying': { seen: 504, ...done },
  'html-error-page': { seen: 502, ...untouched },
  'empty-200': { seen: 200, ...done },
  'success-false': { seen: 200, ...untouched },
  'changed-nothing': { seen: 200, ...untouched },
  'wrong-content-type': { seen: 200, ...done },
  'redirect-elsewhere': { seen: 307, ...untouched },
  'changed-meanwhile': { seen: 200, ...done },
  'claimed-by-colleague': { seen: 200, ...done },
  'deleted-meanwhile': { seen: 404, stands: 'deleted', applied: false },
};

/** What stands in the answer, where the status does not say it all. */
export const contents: Partial<Record<FaultKind, string | RegExp>> = {
  '429-with-seconds': /^retry-after: 1\r?$/m,
  '429-with-date': /^retry-after: Mon, 05 Jan 2026 09:00:01 GMT\r?$/m,
  '429-with-junk': /^retry-after: soon\r?$/m,
  '429-without-retry-after': /^(?!.*retry-after)/s,
  '403-subscription': 'Tickets module requires a Premium or Enterprise subscription',
  '403-module': 'Tickets module is not enabled for this workspace',
  '403-unheard-of': 'Your workspace is under review',
  'html-error-page': /content-type: text\/html.*<h1>502 Bad Gateway<\/h1>/s,
  'empty-200': /^\r?\n$(?![\s\S])/m,
  'success-false': '"success":false',
  'changed-nothing': '{"success":true,"data":{"message":"Status changed to resolved"}}',
  'wrong-content-type': /content-type: text\/html.*\{"success":true/s,
  'redirect-elsewhere': /^location: https:\/\/elsewhere\.invalid\/tickets\/T-1\/status\r?$/m,
  'slow-loris': '{"success":true,"data":{"message":"Status changed to resolved"}}',
  'gigantic-body': /\{"success":true,"data":\{"message":"Status changed to resolved"\}\} {1000}/,
};
