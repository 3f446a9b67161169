import { jsonVersion } from '../json-version.ts';
import { jsonLine } from './text.ts';

/** An error as a line of JSON, for stderr: in place of the sentence where programs read. */
export const jsonError = (error: {
  /** The exit code. */
  readonly code: number;
  /** Where it is about one ticket of several. */
  readonly ticketId?: string | undefined;
  readonly message: string;
}): string => jsonLine({ type: 'error', schema: jsonVersion, ...error });
