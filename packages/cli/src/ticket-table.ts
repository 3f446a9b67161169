/**
 * Remembers a small whole number for each of very many tickets.
 *
 * A Map of strings takes a hundred bytes a ticket, most of it for the garbage collector to walk
 * through again and again. Here the names lie side by side in one buffer: about thirty bytes.
 */
export interface TicketTable {
  /** What was set last, or `undefined`. */
  get(ticketId: string): number | undefined;
  /** Sets a number from 0 to 65,534, and gives what was there before. */
  set(ticketId: string, value: number): number | undefined;
  readonly size: number;
}

const firstCapacity = 1024;

/** Starts without any ticket. */
export function createTicketTable(): TicketTable {
  // Open addressing: a slot holds a value, and where in the buffer its name begins.
  let capacity = firstCapacity;
  let values = new Uint16Array(capacity); // the value plus one; 0 is an empty slot
  let starts = new Uint32Array(capacity);
  let hashes = new Uint32Array(capacity);
  let names = new Uint8Array(firstCapacity * 16); // a length, and then a byte a character
  let end = 0;
  let size = 0;
  // Names that don't fit the buffer are rare: long ones, and those with letters beyond Latin-1.
  const others = new Map<string, number>();

  return {
    get(ticketId) {
      const hash = hashOf(ticketId);
      if (hash === undefined) return others.get(ticketId);
      const value = values[find(ticketId, hash)] ?? 0;
      return value === 0 ? undefined : value - 1;
    },
    set(ticketId, value) {
      const hash = hashOf(ticketId);
      if (hash === undefined) {
        const before = others.get(ticketId);
        others.set(ticketId, value);
        return before;
      }
      const slot = find(ticketId, hash);
      const before = values[slot] ?? 0;
      values[slot] = value + 1;
      if (before !== 0) return before - 1;
      hashes[slot] = hash;
      starts[slot] = store(ticketId);
      size += 1;
      if (size * 2 > capacity) grow();
      return undefined;
    },
    get size() {
      return size + others.size;
    },
  };

  function find(ticketId: string, hash: number): number {
    for (let slot = hash & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      if (values[slot] === 0 || (hashes[slot] === hash && isAt(starts[slot] ?? 0, ticketId))) {
        return slot;
      }
    }
  }

  function isAt(start: number, ticketId: string): boolean {
    const { length } = ticketId;
    if (names[start] !== length) return false;
    for (let index = 0; index < length; index += 1) {
      if (names[start + 1 + index] !== ticketId.charCodeAt(index)) return false;
    }
    return true;
  }

  function store(ticketId: string): number {
    const { length } = ticketId;
    const start = end;
    end += length + 1;
    if (end > names.length) {
      const larger = new Uint8Array(Math.ceil(names.length * 1.5) + length);
      larger.set(names);
      names = larger;
    }
    names[start] = length;
    for (let index = 0; index < length; index += 1) {
      names[start + 1 + index] = ticketId.charCodeAt(index);
    }
    return start;
  }

  function grow(): void {
    const old = { values, starts, hashes };
    capacity *= 2;
    values = new Uint16Array(capacity);
    starts = new Uint32Array(capacity);
    hashes = new Uint32Array(capacity);
    for (const [from, value] of old.values.entries()) {
      if (value === 0) continue;
      const hash = old.hashes[from] ?? 0;
      let slot = hash & (capacity - 1);
      while (values[slot] !== 0) slot = (slot + 1) & (capacity - 1);
      values[slot] = value;
      hashes[slot] = hash;
      starts[slot] = old.starts[from] ?? 0;
    }
  }
}

/** FNV-1a, mixed once more for the low bits; `undefined` for what the buffer does not take. */
function hashOf(ticketId: string): number | undefined {
  if (ticketId.length > 255) return undefined;
  let hash = 0x811c9dc5;
  for (let index = 0; index < ticketId.length; index += 1) {
    const code = ticketId.charCodeAt(index);
    if (code > 0xff) return undefined;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}
