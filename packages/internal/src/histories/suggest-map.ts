import type { MapEntry } from './value-map.ts';

/** The statuses of the API. */
type Status = 'open' | 'in-progress' | 'resolved' | 'closed';

// What desks call their states, in lower case and with single spaces.
const words: Readonly<Record<Status, string>> = {
  open: 'new, open, opened, reopened, re-opened, created, submitted, to do, todo, backlog, unassigned, unconfirmed, confirmed, triage, registered, queued, reported, neu, offen, zu erledigen, nouveau, à faire, ouvert, abierto, pendiente',
  'in-progress':
    'active, in progress, in work, assigned, accepted, acknowledged, started, working, work in progress, wip, pending, on hold, hold, waiting, waiting for customer, waiting for support, blocked, in review, review, under review, escalated, in development, in arbeit, in bearbeitung, wartend, en cours, en attente, en espera',
  resolved:
    'resolved, solved, fixed, completed, answered, verified, gelöst, erledigt, résolu, resuelto',
  closed:
    'closed, done, cancelled, canceled, rejected, archived, geschlossen, abgeschlossen, fermé, cerrado',
};

const meanings = new Map<string, Status>(
  Object.entries(words).flatMap(([status, list]) =>
    list.split(', ').map((word) => [word, status as Status] as const),
  ),
);

const plain = (value: string) =>
  value
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');

/** What a value means at most desks, or `undefined`. */
export function meaningOf(value: string): Status | undefined {
  const word = plain(value);
  const exact = meanings.get(word);
  if (exact !== undefined) return exact;
  return /^(?:awaiting|waiting|pending|on hold|warten|wartet)\b/.test(word)
    ? 'in-progress'
    : undefined;
}

/**
 * A first draft of a map, for a person to check. Where a desk has both `New` and `Open`, work on an
 * open ticket has begun.
 */
export function suggestMap(values: readonly string[]): MapEntry[] {
  const hasNew = values.some((value) => plain(value) === 'new');
  return values.flatMap((value) => {
    const name = hasNew && plain(value) === 'open' ? 'in-progress' : meaningOf(value);
    return name === undefined || (value === name && !hasNew) ? [] : [{ value, name }];
  });
}

/** A map as it is written on the command line and in the playground. */
export const mapText = (entries: readonly MapEntry[]): string =>
  entries
    .map(({ value, name }) => {
      const isPlain = !/[,"=]/.test(value) && value === value.trim();
      return `${isPlain ? value : `"${value.replaceAll('"', '""')}"`}=${name}`;
    })
    .join(',');
