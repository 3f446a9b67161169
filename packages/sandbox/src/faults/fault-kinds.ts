// In order of where they strike. A list, because an object would put names like 401 first.
const faults = [
  [
    'connection-refused',
    'Connecting is refused: over HTTP the sandbox stops listening for a moment. By rule or chance the request is there already, and is reset unread.',
  ],
  [
    'reset-before-reading',
    'The connection is reset before the body is read. Not counted, not applied.',
  ],
  ['reset-after-applying', 'Applied; then the connection is reset instead of an answer.'],
  [
    'lost-before-applying',
    'Counted, not applied; no answer ever comes, the connection stays open.',
  ],
  ['lost-after-applying', 'Applied; no answer ever comes, the connection stays open.'],
  ['cut-body', 'Applied; the connection is closed halfway through the body of the answer.'],
  ['stalled-body', 'Applied; the body of the answer stops halfway, the connection stays open.'],
  [
    'slow-loris',
    'Applied; the answer comes one byte every 100 ms, over HTTP from its first line on.',
  ],
  ['gigantic-body', 'Applied; the answer is followed by 64 MiB of spaces, which JSON allows.'],
  ['429-with-seconds', 'Not applied, takes no place: a 429 with `Retry-After: 1`.'],
  ['429-with-date', 'Not applied, takes no place: a 429 with `Retry-After` as a date.'],
  ['429-with-junk', 'Not applied, takes no place: a 429 with `Retry-After: soon`.'],
  ['429-without-retry-after', 'Not applied, takes no place: a 429 that says no more.'],
  ['401', 'Not applied: the API key is said to be invalid.'],
  ['403-subscription', 'Not applied: the documented 403 about the subscription.'],
  ['403-module', 'Not applied: the documented 403 about the tickets module.'],
  ['403-unheard-of', 'Not applied: a 403 with a message that is documented nowhere.'],
  ['404', 'Not applied: the ticket is said not to exist.'],
  ['408', 'Not applied: the server says that it waited too long for the request.'],
  ['409', 'Not applied: the server says that somebody else is changing the ticket.'],
  ['500-before-applying', 'Not applied: the server fails.'],
  ['500-after-applying', 'Applied; then the server fails.'],
  ['502-before-applying', 'Not applied: a gateway got no good answer.'],
  ['502-after-applying', 'Applied; then a gateway got no good answer.'],
  ['503-before-applying', 'Not applied: the server is overloaded.'],
  ['503-after-applying', 'Applied; then the server says that it is overloaded.'],
  ['504-before-applying', 'Not applied: a gateway got no answer in time.'],
  ['504-after-applying', 'Applied; a gateway did not wait for the answer.'],
  ['html-error-page', 'Not applied: a 502 with a page of HTML, as a proxy writes it.'],
  ['empty-200', 'Applied; the answer is a 200 without a body.'],
  ['success-false', 'Not applied: a 200 that says `success: false`.'],
  ['changed-nothing', 'Not applied, though the answer is that of a success. Waits for a write.'],
  ['wrong-content-type', 'Applied; the JSON is said to be HTML.'],
  ['redirect-elsewhere', 'Not applied: a 307 to another host (`redirectTo`).'],
  [
    'changed-meanwhile',
    'Somebody sets another status: right before a write is applied, or right after a read.',
  ],
  [
    'claimed-by-colleague',
    'A colleague claims the ticket: right before a write is applied, or right after a read.',
  ],
  [
    'deleted-meanwhile',
    'Somebody deletes the ticket: right before a write is applied, or right after a read.',
  ],
] as const;

/**
 * What each fault does, by its name. Faults after applying wait for a request that the API
 * carries out; one that the limit refuses gets its 429, and the fault waits too.
 *
 * @example
 * ```ts
 * import { faultMeanings } from '@ticket-lifecycle/sandbox';
 *
 * console.log(faultMeanings['empty-200']); // Applied; the answer is a 200 without a body.
 * ```
 */
export const faultMeanings = Object.fromEntries(faults) as Readonly<Record<FaultKind, string>>;

/** One of {@link faultKinds}. */
export type FaultKind = (typeof faults)[number][0];

/**
 * Every fault that a sandbox can inject; {@link faultMeanings} says what each one does.
 *
 * @example
 * ```ts
 * import { faultKinds } from '@ticket-lifecycle/sandbox';
 *
 * console.log(faultKinds.filter((kind) => kind.startsWith('403'))); // [ '403-subscription', '403-module', '403-unheard-of' ]
 * ```
 */
export const faultKinds: readonly FaultKind[] = faults.map(([kind]) => kind);

export function isFaultKind(value: unknown): value is FaultKind {
  return typeof value === 'string' && Object.hasOwn(faultMeanings, value);
}
