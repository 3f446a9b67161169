import { exitCodesHelp } from '../../exit-code.ts';
import type { Topic } from './topics.ts';

const environment = `Environment:
  SERIES_API_KEY   the API key of a Series workspace. --api-key-file and the key file of
                   a profile go before it.
                   It is never an argument: others see those in the list of processes.
  DATABASE_URL     the Postgres of the outbox, for the commands of "outbox". It may hold a
                   password, so it is no argument either.
  NO_COLOR         if set and non-empty, disables colour
  FORCE_COLOR      colours even if stdout is not a terminal
  TERM             dumb: no line that is kept up to date

Files:
  ticket-lifecycle.config.{ts,mts,js,mjs,cjs,json}
                   your own lifecycle, found in this folder or the nearest above in the same
                   repository. Nobody else may be able to write it. It exports
                   what defineLifecycle gives, an XState machine or its JSON config as its
                   default, and where needed guards, guardMessages and payloads.
  ticket-lifecycle.profiles.json
                   what --profile NAME fills in, found in the same folders: an object with an
                   object for each name. Its fields are baseUrl, apiKeyFile, staffUserId and
                   rateShare, and never the key itself.
  FILE.DATE.journal
                   beside the file of "apply": what was intended and what became of it
  CACHE/ticket-lifecycle/compiled
                   what Node.js has compiled, in your own cache folder (XDG_CACHE_HOME)
  FILE.lock, FILE.lock.pid
                   while a process applies that file, or writes that journal`;

const formats = `Schema version: 1. Fields may be added within a version; none goes away or changes
its meaning. Summaries and single objects carry it as "schema".

What can be read:
  CSV with a header line, or NDJSON: an object a line. Commas, semicolons, tabs or pipes; UTF-8
  or UTF-16. A line that can't be read is named with its number, and the others go on.

  apply    ticketId, event or to, staffUserId, from. Other fields are passed over, unless they
           look like one of these misspelt.
  replay   any columns: --id, --state and --time name them. Also Windows-1252, JSON and XES

What --json prints, one object a line, told apart by "type":
  outcome      apply, demo: line, kind, ticketId, from, to, event, staffUserId, attempts,
               waitedMs, raceWindowMs; resent: true where it was sent once more; and by kind
               confirmed    status, by: response | observation | lifecycle
               unchanged    status
               blocked      blockers [{ code, message, parameters }], enabled [event]
               refused      error { name, code, status, serverMessage, message }
               not-sent     error { name, reason, message }
               unknown      error, observed: where the ticket was seen afterwards
               unreadable   reason
  forecast     apply --dry-run: line, kind: sends | lifecycle | reads | unchanged |
               blocked | unreadable, ticketId, requests, from, to, events, blockers
  change       replay: line, ticketId, from, to, kind: edge | path | skipped | jump |
               unknown-status, events, skipped
  clock        replay, where the lifecycle has meta.sla: ticketId, and what one of its clocks shows
  verdict      explain: allowed, from, event, and to, status, changesStatus or blockers, enabled
  plan         plan: kind: plan | already-there | unreachable | blocked | ambiguous, from, to,
               steps, statusChanges, requests, seconds, fingerprint
  observation  observe: ticketId, status, states, enabled, subject, updatedAt, from, change
  check        doctor: name, ok, message
  diff         diff: isSame, changes, missingEntries, tickets, broken; with --waiting also
               waiting, the number of its changes, and lost: those that would not be made;
               with --log also log: rows, unreadable, unreadableLines, unmapped [{ value, rows }]
  depth        outbox status: waiting, underWay, retrying, later, dead, unknown, oldestMs,
               oldestUnderWayMs
  paused       outbox status: key, by: fault | hand, reason, since, nextTryAt, tickets
  budget       outbox status: key, requestsPerSecond, inUse, sent, limited, pausedMs
  blocked      outbox blocked: key, ticketId, by and change: the id of the change that holds it,
               kind: dead | unknown | retrying | paused | underWay | waiting, reason, since, waiting
  retrying     outbox retrying: as blocked, with kind: retrying | paused
  dead         outbox dead: id, change, kind: dead | unknown, reason, acceptedAt, endedAt
  waiting      outbox waiting: one change that is still to be sent
  why          outbox why: the change, kind, evidence [{ at, what, detail, codes }], isInDoubt,
               heldBy, steps [{ step, why }], notShown: entries that --limit leaves out, mayBeCut:
               whether the outbox may have let go of older ones
  ticket       tickets -o json: ticketId, status, updatedAt, claimedBy, department, subject
  line         journal show: line, kind, ticketId, from, to, event, staffUserId,
               reason
  error        any command, on stderr in place of the sentence: code (the exit code), message;
               of observe also ticketId, for each ticket that could not be read
  summary      the last line of apply, replay, demo, sandbox: counts, and exitCode of apply;
               of replay all figures: kinds, conformance, misfits, times, rework, sla,
               variants, open, groups, map, read, order

A journal has an object a line too:
  journal      the first: version, startedAt, input { file, bytes, sha256 },
               definition { file, fingerprint }, baseUrl, options
  intent       before a change is sent: line, ticketId, from, to, fromStatus, toStatus, event,
               staffUserId, last, at (when it is sent), openForMs
  taken-back   the line's latest intent was not processed: line, at
  outcome      as above, with last (the line is done with it) and at
  resumed      a run went on here
  finished     nothing is left`;

/** The texts of the help topics. */
export const topicText: Readonly<Record<Topic, string>> = {
  'exit-codes': exitCodesHelp.trim(),
  environment,
  formats,
};
