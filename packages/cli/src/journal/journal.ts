import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Secrets } from '../terminal/secrets.ts';
import { writeErrorText } from '../error-text.ts';

// How a run survives Ctrl-C, a crash and a full disk
//
// A journal is a file beside the file of changes, with a JSON object a line (entries.ts):
//   journal   the head: the input (SHA-256), the lifecycle (fingerprint), the server, and the
//             options that decide which changes are made
//   intent    on the disk *before* a change is sent: ticket, event, states, line, `last` step or
//             not, and since when and for how long its request may be under way
//   taken-back  the line's latest intent was surely not processed (429): it waits for another try
//   outcome   on the disk before the line counts as done; `last` means: done with the line
//   resumed   another process went on here
//   finished  nothing is left: the same file again is another run (earlier-run.ts)
//
// What holds, and why:
//   1. Nothing is sent that the journal does not know. The workflow awaits the intent when turn and
//      slot have come (`beforeSend` in bulk/write-intents.ts), and `append` resolves after the sync.
//      Where it can't be written the change ends as not-sent, every further `append` fails too, and
//      the run stops. What only waits for its slot or after a 429 has no intent. A request that
//      would leave more than 10 s after its intent is stopped by the workflow (send.ts).
//   2. The file is whole lines, and at most one torn line at its end. It only grows, and a write
//      that fails in part is cut back. Of a torn entry nothing was sent yet: see 1.
//   3. At most one change of a ticket is open. Lines of one ticket run one after another
//      (bulk/apply-rows.ts), and a step is sent only after the one before it has arrived.
//   4. One process at a time: the input and the journal are locked (lock.ts). A journal goes on
//      only with the same input, lifecycle, server and options (head.ts).
//   5. A journal never holds the key, and never takes the place of another file.
//
// What a process that ends at any moment leaves of a line, and what `--resume` makes of it:
//   nothing                   it is applied as a new one.
//   an intent, no outcome     it may have been sent, or not: it is settled.
//   some steps, none `last`   it goes on behind them, after its ticket is read.
//   `last`, not sent, 5xx,    it is open again, as if nothing had been written: the key or the
//     401 or 403              server may be better by now.
//   `last`, unknown           it is settled once more.
//   `last`, anything else     it is done. Its outcome counts in the summary and the exit code.
//
// How a run resumes (commands/apply/run-journal.ts, then bulk/run-changes.ts):
//   a. read-journal.ts reads the lines above. A torn end is cut off; damage elsewhere is refused.
//   b. bulk/settle-open.ts has `workflow.settle` find out how every intent without an outcome
//      ended: by reading, until its request can no longer be under way. Confirmed: written down, a
//      step behind which its line goes on as well. Surely not processed: the line stays open.
//      Unknown: written down, and not sent. If a ticket can't be read, nothing at all is sent.
//   c. The input is read from its start. Lines that are done are passed over; open ones go on, and
//      their tickets are read first. So is a ticket whose line was passed over and had not arrived.
//      Lines of a ticket in doubt wait for another run.
//
// A needless intent costs one read; a missing one could cost a second change. So it comes first.
//
// Proof: test/journal/journal.test.ts cuts runs off at random and compares with the sandbox's
// record; `npm run bench -- crash` (packages/benchmarks) kills one a hundred times.

/** A file that only grows: what is in it has reached the disk. */
export interface Journal {
  readonly file: string;
  /**
   * Appends a line, and resolves when it has reached the disk.
   *
   * Lines that come while others are being written go with the next write, all together: a sync
   * for each would cost more time than the API's budget leaves.
   *
   * @throws JournalError when the disk takes no more, now and ever after
   */
  append(entry: object): Promise<void>;
  /** How many lines were appended here. */
  readonly lines: number;
  /** Why it takes no more, or `undefined`. */
  readonly failure: JournalError | undefined;
  close(): Promise<void>;
}

/** The journal can't be written. Nothing may be sent that it does not know of. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

/** Where to write, and what must never be in it. */
export interface JournalOptions {
  readonly file: string;
  readonly secrets: Secrets;
  /** Where to go on: what lies behind is torn, and cut off. `undefined` makes a new file. */
  readonly end?: number | undefined;
}

/** Opens a journal for writing. */
export async function openJournal({ file, secrets, end }: JournalOptions): Promise<Journal> {
  // A new one never takes the place of another: that one knows what was sent.
  const handle = await open(file, end === undefined ? 'wx' : 'r+', 0o600);
  if (end !== undefined) await cutOff(handle, end);
  if (end === undefined) await syncDirectory(file);
  let written = end ?? 0;
  let waiting: { readonly text: string; readonly settle: PromiseWithResolvers<void> }[] = [];
  let isWriting = false;
  let lines = 0;
  let failure: JournalError | undefined;

  return {
    file,
    append(entry) {
      if (failure !== undefined) return Promise.reject(failure);
      const settle = Promise.withResolvers<void>();
      waiting.push({ text: secrets.hide(`${JSON.stringify(entry)}\n`), settle });
      if (!isWriting) void writeAll();
      return settle.promise;
    },
    get lines() {
      return lines;
    },
    get failure() {
      return failure;
    },
    close: () => handle.close(),
  };

  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (failure !== undefined) throw failure;
        await write(Buffer.from(batch.map(({ text }) => text).join('')));
        lines += batch.length;
        for (const { settle } of batch) settle.resolve();
      } catch (error) {
        const why = `The journal ${file} can't be written: ${writeErrorText(error)}.`;
        failure ??= new JournalError(why, { cause: error });
        for (const { settle } of batch) settle.reject(failure);
      }
    }
    isWriting = false;
  }

  async function write(bytes: Buffer): Promise<void> {
    try {
      await writeFully(handle, bytes, written);
      await handle.datasync();
      written += bytes.length;
    } catch (error) {
      // What was written of it in part would be a torn line. Giving up space always works.
      await handle.truncate(written).catch(() => {});
      throw error;
    }
  }
}

/** Takes away what is torn. A last line that lacks nothing but its end is given that. */
async function cutOff(handle: FileHandle, end: number): Promise<void> {
  const { size } = await handle.stat();
  if (size < end) await writeFully(handle, Buffer.from('\n'), end - 1);
  else await handle.truncate(end);
}

async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** A file is only safe when its folder knows it. Not every system can sync a folder. */
async function syncDirectory(file: string): Promise<void> {
  const directory = await open(dirname(file), 'r').catch(() => undefined);
  await directory?.sync().catch(() => {});
  await directory?.close();
}
