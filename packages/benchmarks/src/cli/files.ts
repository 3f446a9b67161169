import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const steps = [
  ['START', 'open'],
  ['RESOLVE', 'in-progress'],
  ['CLOSE', 'resolved'],
  ['REOPEN', 'closed'],
] as const;

// A line of a ticket comes long after the one before it, as in a log of a busy desk.
const linesPerTicket = steps.length;

/** Writes a file of legal changes. */
export const writeChanges = (file: string, lines: number): Promise<void> =>
  writeLines(file, lines, (ticketId, step) => {
    const [event, from] = steps[step] ?? steps[0];
    return { ticketId, event, from, staffUserId: 7 };
  });

/** Writes a file of histories. */
export const writeHistory = (file: string, lines: number): Promise<void> =>
  writeLines(file, lines, (ticketId, step) => {
    const [, status] = steps[step] ?? steps[0];
    return { ticketId, at: `2026-01-0${step + 1}T09:00:00Z`, status };
  });

async function writeLines(
  file: string,
  lines: number,
  lineOf: (ticketId: string, step: number) => object,
): Promise<void> {
  const tickets = Math.ceil(lines / linesPerTicket);
  function* blocks(): Generator<string> {
    let block = '';
    for (let line = 0; line < lines; line += 1) {
      const ticketId = `TICKET-${1_700_000_000 + (line % tickets)}-ABCD`;
      block += `${JSON.stringify(lineOf(ticketId, Math.floor(line / tickets)))}\n`;
      if (block.length < 1_000_000) continue;
      yield block;
      block = '';
    }
    yield block;
  }
  await pipeline(Readable.from(blocks()), createWriteStream(file));
}
