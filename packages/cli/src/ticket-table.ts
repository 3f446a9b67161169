/**
 * Remembers a small whole number for each of very many tickets.
 *
 * A Map of strings takes a hundred bytes a ticket, most of it for the garbage collector to walk
 * through again and again. Here the names lie side by side in one buffer: about thirty bytes.
 */
export interface TicketTable {
  /** Where a ticket's number is, until the next ticket is looked for. New ones begin with 0. */
  find(ticketId: string): number;
  read(place: number): number;
  /** Sets a number from 0 to four thousand million. */
  write(place: number, value: number): void;
  /** How many tickets there are. */
  readonly size: number;
}

const firstCapacity = 1024;
// What a slot holds, side by side, since every look into memory that is far away costs as much as
// all the rest: the value plus one (0 is an empty slot), the hash, and where the name begins.
const width = 3;

/** Starts without any ticket. */
export function createTicketTable(): TicketTable {
  let capacity = firstCapacity;
  let slots = new Uint32Array(capacity * width);
  let names = new Uint8Array(firstCapacity * 16); // a length, and then a byte a character
  let end = 0;
  let size = 0;
  // Names that don't fit the buffer are rare: long ones, and those with letters beyond Latin-1.
  // Their places are below 0.
  const others = new Map<string, number>();
  const otherValues: number[] = [];

  return {
    find(ticketId) {
      const hash = hashOf(ticketId);
      if (hash === undefined) return findOther(ticketId);
      if (size * 2 >= capacity) grow();
      let place = (hash & (capacity - 1)) * width;
      while (slots[place] !== 0) {
        if (slots[place + 1] === hash && isAt(slots[place + 2] ?? 0, ticketId)) return place;
        place = after(place);
      }
      slots[place] = 1;
      slots[place + 1] = hash;
      slots[place + 2] = store(ticketId);
      size += 1;
      return place;
    },
    read: (place) => (place < 0 ? (otherValues[-place - 1] ?? 0) : (slots[place] ?? 1) - 1),
    write(place, value) {
      if (place < 0) otherValues[-place - 1] = value;
      else slots[place] = value + 1;
    },
    get size() {
      return size + others.size;
    },
  };

  function after(place: number): number {
    return place + width === slots.length ? 0 : place + width;
  }

  function findOther(ticketId: string): number {
    const known = others.get(ticketId);
    if (known !== undefined) return known;
    const place = -otherValues.push(0);
    others.set(ticketId, place);
    return place;
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
    const old = slots;
    capacity *= 2;
    slots = new Uint32Array(capacity * width);
    for (let from = 0; from < old.length; from += width) {
      if (old[from] === 0) continue;
      let place = ((old[from + 1] ?? 0) & (capacity - 1)) * width;
      while (slots[place] !== 0) place = after(place);
      for (let part = 0; part < width; part += 1) slots[place + part] = old[from + part] ?? 0;
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
