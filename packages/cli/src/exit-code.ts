/** What the commands end with. 65 and 75 are EX_DATAERR and EX_TEMPFAIL of sysexits.h. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  /** Of `diagram --check`, as formatters and linters end. */
  stale: 1,
  /** Of `replay --fail-on` and `diff`: a condition holds. */
  failed: 1,
  usage: 2,
  blocked: 3,
  auth: 4,
  refused: 5,
  unknown: 6,
  unreadable: 65,
  notSent: 75,
  /** The terminal, or the connection to it, is gone. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

// What needs attention first comes first.
const urgency = [
  exitCodes.unknown,
  exitCodes.auth,
  exitCodes.refused,
  exitCodes.notSent,
  exitCodes.unreadable,
  exitCodes.blocked,
];

/** The exit code that counts where a command met several. */
export const mostUrgent = (codes: readonly number[]): number =>
  urgency.find((code) => codes.includes(code)) ?? exitCodes.ok;

export const exitCodesHelp = `
Exit codes:
  0    every change arrived, or the ticket was there already
  1    something unexpected; a stale diagram, what diff or --fail-on finds
  2    wrong usage, such as a file that is not there, or not confirmed: nothing was sent
  3    the lifecycle blocked a change, or the ticket of a change that was read first is missing
  4    the API refused the key or the workspace (401, 403)
  5    the API refused a change or a read for another reason; a view of outbox: one is dead
  6    a change may or may not have arrived; a view of outbox: one is unknown
  65   a line, or what a whole file holds, could not be read, or a file was not trusted
  75   a change was not sent: try again
  129  stopped, because its terminal or the connection to it has gone (SIGHUP)
  130  stopped with Ctrl-C (SIGINT)
  143  stopped by kill, or by what runs it (SIGTERM)
Of several in one run, the first of 6, 4, 5, 75, 65, 3 counts. 129, 130 and 143 go before
them all. A resumed run counts the lines of the runs before as well. A line with "from" is
not read first: where its ticket is missing, that is 5, and not 3.`;
