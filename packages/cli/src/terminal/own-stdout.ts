import { Writable } from 'node:stream';

// Taken before a definition is loaded: from then on `process.stdout.write` leads to stderr.
const write = process.stdout.write.bind(process.stdout);

/** Standard output for a protocol that must share it with nobody. */
export const ownStdout = (): Writable =>
  new Writable({
    write: (chunk: Uint8Array, _encoding, done) => void write(chunk, done),
  });
