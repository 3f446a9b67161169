import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Secrets } from '../terminal/secrets.ts';
import { whyNotWritten } from '../error-text.ts';

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
        const why = `The journal ${file} can't be written: ${whyNotWritten(error)}.`;
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
