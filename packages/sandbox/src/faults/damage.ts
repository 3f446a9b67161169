/** How an answer may arrive otherwise than it should. */
export type Damage = 'cut' | 'stalled' | 'dribbled' | 'gigantic';

/** Between two bytes of a dribbled answer. */
export const dribbleMs = 100;

/** How much of a cut or stalled body still arrives. */
export function firstHalf<T extends ArrayBuffer>(body: Uint8Array<T>): Uint8Array<T> {
  return body.subarray(0, Math.floor(body.length / 2));
}

// Spaces behind a JSON value are legal: the answer is complete and right, just very long.
const spaces = new Uint8Array(65_536).fill(0x20);
const mostPieces = 1024;
export const giganticPadding = spaces.length * mostPieces;

// One by one, so that nothing here holds a gigantic body as a whole.
export function* giganticPieces(body: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  yield body;
  for (let piece = 0; piece < mostPieces; piece += 1) yield spaces;
}
