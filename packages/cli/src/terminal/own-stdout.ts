import { Writable } from 'node:stream';

// Taken before a definition is loaded: from then on `process.stdout.write` leads to stderr.
const write = process.stdout.write.bind(process.stdout);

/**
 * Standard output for a protocol that must share it with nobody. That its reader has gone is told by
 * `closed` of the output, which listens to the same stream.
 */
export function ownStdout(): Writable {
  const own = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => void write(chunk, done),
  });
  return own.on('error', () => {});
}
