import { isKeyRefused, isRetryable, type LineOutcome } from '../journal/line-outcome.ts';

/** After so many failed lines in a row, the server is gone, or the key is. */
export const mostInRow = 20;

/** Notices that nothing gets through any more. */
export interface Fuse {
  /** Takes what became of a line; answers whether to stop. */
  blows(end: LineOutcome): boolean;
  /** Why it has blown, or `undefined`. */
  readonly why: string | undefined;
}

/** Starts with nothing that failed. */
export function createFuse(): Fuse {
  let inRow = 0;
  let why: string | undefined;
  return {
    get why() {
      return why;
    },
    blows(end) {
      if (isOurs(end)) return why !== undefined;
      if (!isOfServer(end)) inRow = 0;
      else inRow += 1;
      if (inRow >= mostInRow) why ??= isKeyRefused(end) ? 'key' : 'server';
      return why !== undefined;
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
