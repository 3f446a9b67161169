import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Secrets } from './secrets.ts';
import { jsonLine } from './text.ts';
import { writeErrorText } from '../error-text.ts';

/** What a command has to say on stdout. */
export interface Output {
  /** Writes lines, and waits where the reader is slow. Writes nothing once nobody reads. */
  print(text: string): Promise<void>;
  /** Writes an object as one line of JSON. */
  printJson(value: object): Promise<void>;
  /** Aborts when nothing more can be written: the reader has gone, as `| head` does, or a disk is full. */
  readonly closed: AbortSignal;
  /** Resolves when all is written, with why it could not be, unless the reader has gone. */
  flush(): Promise<string | undefined>;
}

/** Writes to a stream that may be closed at the other end. */
export function createOutput(stream: Writable, secrets: Secrets): Output {
  const closing = new AbortController();
  let failure: string | undefined;
  let drained: Promise<void> | undefined;
  // Taken now: what a definition writes to the same stream later goes elsewhere.
  const write = stream.write.bind(stream);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failure ??= writeErrorText(error);
    closing.abort();
  });
  async function print(text: string): Promise<void> {
    if (closing.signal.aborted || write(secrets.hide(`${text}\n`))) return;
    // All who wait do so together: a hundred lines may be under way, each with an outcome.
    drained ??= untilDrained();
    await drained;
  }

  async function untilDrained(): Promise<void> {
    await once(stream, 'drain', { signal: closing.signal }).catch(() => {});
    drained = undefined;
  }

  return {
    print,
    printJson: (value) => print(jsonLine(value)),
    closed: closing.signal,
    async flush() {
      if (stream.writableLength > 0) await new Promise((resolve) => write('', resolve));
      // A stream tells of its failure a moment after the write.
      await setImmediate();
      return failure;
    },
  };
}
