import type { SeriesError } from '@ticket-lifecycle/series';
import { exitCodes } from '../exit-code.ts';

/** What a read that failed ends a command with. */
export function readFailureCode(error: SeriesError): number {
  if (error.delivery !== 'refused') return exitCodes.notSent;
  const { httpStatus } = error as { httpStatus?: unknown };
  return httpStatus === 401 || httpStatus === 403 ? exitCodes.auth : exitCodes.refused;
}
