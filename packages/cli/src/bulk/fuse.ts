import { isRetryable, type LineOutcome } from '../journal/line-outcome.ts';

/** After so many failed lines in a row, the server is gone, or the key is. */
export const mostInRow = 20;

/** Notices that nothing gets through any more. Starts with nothing that failed. */
export function createFuse() {
  let inRow = 0;
  let hasBlown = false;
  return {
    get hasBlown() {
      return hasBlown;
    },
    /** Takes what became of a line; answers whether to stop. */
    blows(end: LineOutcome): boolean {
      if (!isOurs(end)) inRow = isOfServer(end) ? inRow + 1 : 0;
      return (hasBlown ||= inRow >= mostInRow);
    },
  };
}

/** Whether the line ended on our side: such an end shows nothing about the server. */
function isOurs({ kind, error }: LineOutcome): boolean {
  if (kind === 'blocked' || kind === 'unreadable') return true;
  return kind === 'not-sent' && (error?.reason === 'held-back' || error?.reason === 'aborted');
}

/** A change in doubt counts where not even its ticket could be read. */
const isOfServer = (end: LineOutcome) =>
  isRetryable(end) || (end.kind === 'unknown' && end.observed === undefined);
