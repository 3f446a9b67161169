import { ticketStatuses, ticketStatusSchema, type TicketStatus } from '@ticket-lifecycle/core';
import { CliError } from '../../cli-error.ts';
import { unknownName } from '../../terminal/did-you-mean.ts';
import { wildcard } from '../../bulk/wildcard.ts';

/** Translates a value of somebody else's history, or `undefined` where it means nothing to us. */
export type StatusMap = (value: string) => TicketStatus | undefined;

/**
 * Reads pairs such as `New=open,Awaiting *=in-progress`. `*` stands for anything; exact values win,
 * then the first pattern that fits, then our own four names.
 */
export function parseStatusMap(given: string | readonly string[] = []): StatusMap {
  const exact = new Map<string, TicketStatus>();
  const patterns: {
    readonly matches: (value: string) => boolean;
    readonly status: TicketStatus;
  }[] = [];
  for (const pair of [given].flat().flatMap((pairs) => pairs.split(','))) {
    const { value, status } = parsePair(pair);
    if (value.includes('*')) patterns.push({ matches: wildcard(value), status });
    else if (exact.has(value)) throw new CliError(`--map: "${value}" is mapped twice.`);
    else exact.set(value, status);
  }
  return (value) =>
    exact.get(value) ??
    patterns.find(({ matches }) => matches(value))?.status ??
    ticketStatusSchema.safeParse(value).data;
}

function parsePair(pair: string): { value: string; status: TicketStatus } {
  const at = pair.lastIndexOf('=');
  const value = pair.slice(0, Math.max(0, at)).trim();
  if (value === '') {
    throw new CliError(
      `--map: "${pair.trim()}" is not a pair. Write VALUE=STATUS, several with commas: 'New=open,Awaiting *=in-progress'.`,
    );
  }
  const name = pair.slice(at + 1).trim();
  const status = ticketStatusSchema.safeParse(name).data;
  if (status !== undefined) return { value, status };
  throw new CliError(`--map: ${unknownName('status', name, ticketStatuses)}.`);
}
