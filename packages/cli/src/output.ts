import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Secrets } from './secrets.ts';

/** What a command has to say on stdout. */
export interface Output {
  /** Writes lines, and waits where the reader is slow. Writes nothing once nobody reads. */
  print(text: string): Promise<void>;
  /** Writes an object as one line of JSON. */
  printJson(value: object): Promise<void>;
  /** Aborts when the reader has gone, as `| head` does. */
  readonly closed: AbortSignal;
}

/** Writes to a stream that may be closed at the other end. */
export function createOutput(stream: Writable, secrets: Secrets): Output {
  const closing = new AbortController();
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closing.abort();
  });
  async function print(text: string): Promise<void> {
    if (closing.signal.aborted || stream.write(secrets.hide(`${text}\n`))) return;
    await once(stream, 'drain', { signal: closing.signal }).catch(() => {});
  }
  return {
    print,
    printJson: (value) => print(JSON.stringify(value)),
    closed: closing.signal,
  };
}
