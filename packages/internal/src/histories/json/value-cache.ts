/** A value that is neither an object nor an array. */
export type Scalar = string | number | boolean | null;

/** Gives the value that stands in a part of a text. */
export interface ValueCache {
  /** `undefined` for what is not sure to mean the same to JSON.parse. */
  readonly find: (text: string, bytes: Uint8Array, from: number, to: number) => Scalar | undefined;
}

interface Known {
  readonly bytes: Uint8Array;
  readonly value: Scalar;
}

const slots = 64;
const longest = 40;
// A column in which nothing comes again is known by then.
const trial = 512;

// As JavaScript would write them. A number such as 1e3 or -0 is not.
const plain = /^(?:0|-?[1-9]\d{0,14}|true|false|null)$/;

/**
 * Starts without a value. Where few values come again and again, each is made once and then found
 * by its bytes: whoever looks it up next finds one and the same text, which is quicker.
 *
 * @param isText - whether the values stand in quotes
 */
export function createValueCache(isText: boolean): ValueCache {
  const known: (Known | undefined)[] = Array.from({ length: slots });
  let [found, missed] = [0, 0];
  let isOn = true;

  return {
    find(text, bytes, from, to) {
      if (!isOn) return valueOf(text, from, to);
      const length = to - from;
      const first = bytes[from] ?? 0;
      const slot = (length * 7 + first + (bytes[to - 1] ?? 0) * 5) % slots;
      const one = known[slot];
      if (one !== undefined && isAt(one.bytes, bytes, from, length)) {
        found += 1;
        return one.value;
      }
      missed += 1;
      if (missed > trial && missed > found) isOn = false;
      const value = valueOf(text, from, to);
      if (value === undefined || length > longest) return value;
      const own = typeof value === 'string' ? ownCopy(value) : value;
      known[slot] = { bytes: bytes.slice(from, to), value: own };
      return own;
    },
  };

  function valueOf(text: string, from: number, to: number): Scalar | undefined {
    const value = text.slice(from, to);
    if (isText) return value;
    return plain.test(value) ? (JSON.parse(value) as Scalar) : undefined;
  }
}

function isAt(known: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (known[index] !== bytes[from + index]) return false;
  }
  return true;
}

/** A part of a text keeps all of it in memory, so it is made a text of its own. */
export const ownCopy = (text: string): string => ` ${text}`.slice(1);
