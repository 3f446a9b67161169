import { ownCopy } from './json/value-cache.ts';

/**
 * Remembers a small whole number for each of very many tickets.
 *
 * A Map of strings takes a hundred bytes a ticket, most of it for the garbage collector to walk
 * through again and again. Here everything lies side by side in one buffer: about fifty bytes.
 */
export interface TicketTable {
  /** Where a ticket's number is. New ones begin with 0. */
  find(ticketId: string): number;
  read(place: number): number;
  /** Sets a number from 0 to four thousand million. */
  write(place: number, value: number): void;
  /** The ticket whose number is there. */
  idAt(place: number): string;
  /** Lets go of what only `find` needs, which can't be asked any more. */
  close(): void;
}

const firstCapacity = 1024;
// An entry, in words of four bytes: the value, and then the name as its length and a byte a
// character. What belongs together lies together, since reading memory that is far away costs
// as much as all the rest.
const valueBytes = 4;
// What a slot holds: the hash, and where the entry is plus one (0 is an empty slot).
const width = 2;

/** Starts without any ticket. */
export function createTicketTable(): TicketTable {
  let capacity = firstCapacity;
  let slots = new Uint32Array(capacity * width);
  let words = new Uint32Array(firstCapacity * 8);
  let bytes = new Uint8Array(words.buffer);
  let end = 0;
  let size = 0;
  let latest = 0;
  // Names that don't fit the buffer are rare: long ones, and those with letters beyond Latin-1.
  // Their places are below 0.
  const others = new Map<string, number>();
  const otherIds: string[] = [];
  const otherValues: number[] = [];

  return {
    find(ticketId) {
      // Files go through their tickets in some order: mostly it is the one after or the same again.
      const following = after(latest);
      if (isAt(following, ticketId)) return (latest = following);
      if (isAt(latest, ticketId)) return latest;
      const hash = hashOf(ticketId);
      if (hash === undefined) return findOther(ticketId);
      return (latest = findByHash(hash, ticketId));
    },
    read: (place) => (place < 0 ? otherValues[-place - 1] : words[place]) ?? 0,
    write(place, value) {
      if (place < 0) otherValues[-place - 1] = value;
      else words[place] = value;
    },
    idAt(place) {
      if (place < 0) return otherIds[-place - 1] ?? '';
      const name = place * 4 + valueBytes;
      const letters = bytes.subarray(name + 1, name + 1 + (bytes[name] ?? 0));
      // To spread them takes four times as long.
      return Reflect.apply(String.fromCharCode, undefined, letters);
    },
    close() {
      slots = new Uint32Array(slots.buffer.transfer(0));
      words = new Uint32Array(words.buffer.transfer(end * 4));
      bytes = new Uint8Array(words.buffer);
    },
  };

  function findByHash(hash: number, ticketId: string): number {
    if (size * 2 >= capacity) grow();
    let slot = slotOf(hash);
    for (let known = slots[slot + 1] ?? 0; known !== 0; known = slots[slot + 1] ?? 0) {
      if (slots[slot] === hash && isAt(known - 1, ticketId)) return known - 1;
      slot = (slot + width) % slots.length;
    }
    const place = store(ticketId);
    slots[slot] = hash;
    slots[slot + 1] = place + 1;
    size += 1;
    return place;
  }

  function findOther(ticketId: string): number {
    const known = others.get(ticketId);
    if (known !== undefined) return known;
    const own = ownCopy(ticketId);
    const place = -otherValues.push(0);
    otherIds.push(own);
    others.set(own, place);
    return place;
  }

  function isAt(place: number, ticketId: string): boolean {
    const name = place * 4 + valueBytes;
    const { length } = ticketId;
    if (place >= end || bytes[name] !== length) return false;
    // From the end, where most names differ.
    for (let index = length - 1; index >= 0; index -= 1) {
      if (bytes[name + 1 + index] !== ticketId.charCodeAt(index)) return false;
    }
    return true;
  }

  /** Where the entry behind this one begins. */
  function after(place: number): number {
    const name = place * 4 + valueBytes;
    return (name + 1 + (bytes[name] ?? 0) + 3) >>> 2;
  }

  function store(ticketId: string): number {
    const { length } = ticketId;
    const place = end;
    const name = place * 4 + valueBytes;
    if (name + 1 + length > bytes.length) {
      words = new Uint32Array(words.buffer.transfer(Math.ceil(words.length * 1.5) * 4));
      bytes = new Uint8Array(words.buffer);
    }
    bytes[name] = length;
    for (let index = 0; index < length; index += 1) {
      bytes[name + 1 + index] = ticketId.charCodeAt(index);
    }
    end = after(place);
    return place;
  }

  function grow(): void {
    const old = slots;
    capacity *= 2;
    slots = new Uint32Array(capacity * width);
    for (let from = 0; from < old.length; from += width) {
      const [hash = 0, known = 0] = [old[from], old[from + 1]];
      if (known === 0) continue;
      let slot = slotOf(hash);
      while (slots[slot + 1] !== 0) slot = (slot + width) % slots.length;
      slots[slot] = hash;
      slots[slot + 1] = known;
    }
    old.buffer.transfer(0);
  }

  function slotOf(hash: number): number {
    return (hash & (capacity - 1)) * width;
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
