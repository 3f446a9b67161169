/** A row of a history, in numbers. */
export interface StoredRow {
  readonly ticket: number;
  readonly value: number;
  /** The value that a change came from, plus one; 0 where the row names none. */
  readonly from: number;
  /** NaN where there is none. */
  readonly at: number;
  readonly line: number;
}

/** Takes a row, in the order of its fields: an object for each of millions would take as long as all the rest. */
export type VisitStored = (
  ticket: number,
  value: number,
  from: number,
  at: number,
  line: number,
) => void;

interface Chunk {
  readonly tickets: Uint32Array<ArrayBuffer>;
  /** In bytes, as long as they fit: most logs know few values. */
  values: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  readonly firstLine: number;
  /** Absent as long as each row stands on the line after the one before. */
  lines: Uint32Array<ArrayBuffer> | undefined;
  readonly froms: Uint32Array<ArrayBuffer> | undefined;
  /** In whole seconds plus one (0 is no time), as long as they fit: most logs know no fractions. */
  times: Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | undefined;
}

const chunkSize = 2 ** 16;
const mostSeconds = 2 ** 32 - 2;

/**
 * Keeps very many rows: 5 bytes each where they stand line by line and
 * have few values, else up to 12; 4 more with times, or 8 with fractions of seconds; 4 more with
 * what changes came from.
 *
 * @param timed - how many rows may have times: all of them, or the first ones
 */
export function createRowStore(timed: number, hasFroms: boolean) {
  const chunks: (Chunk | undefined)[] = [];
  let size = 0;
  let given = 0;

  return {
    size: () => size,
    add({ ticket, value, from, at, line }: StoredRow): void {
      const place = size % chunkSize;
      if (place === 0) chunks.push(newChunk(line));
      const chunk = chunkOf(size);
      chunk.tickets[place] = ticket;
      if (value > 255 && chunk.values instanceof Uint8Array) {
        chunk.values = Uint32Array.from(chunk.values);
      }
      chunk.values[place] = value;
      if (chunk.lines === undefined && line !== chunk.firstLine + place) {
        chunk.lines = Uint32Array.from(
          { length: chunkSize },
          (_, index) => chunk.firstLine + index,
        );
      }
      if (chunk.lines !== undefined) chunk.lines[place] = line;
      if (chunk.froms !== undefined) chunk.froms[place] = from;
      setTime(chunk, place, at);
      size += 1;
    },
    ticketOf: (index: number): number => chunkOf(index).tickets[index % chunkSize] ?? 0,
    timeOf: (index: number): number => timeAt(chunkOf(index), index % chunkSize),
    /** Whether two rows say the same, their tickets and times aside. */
    isAlike(one: number, other: number): boolean {
      const [a, b] = [chunkOf(one), chunkOf(other)];
      const [at, bt] = [one % chunkSize, other % chunkSize];
      return a.values[at] === b.values[bt] && a.froms?.[at] === b.froms?.[bt];
    },
    /** Changes the times that were added, from the first row on. */
    mapTimes(change: (at: number, row: number) => number): void {
      for (let row = 0; row < size; row += 1) {
        const chunk = chunkOf(row);
        const place = row % chunkSize;
        if (chunk.times !== undefined) setTime(chunk, place, change(timeAt(chunk, place), row));
      }
    },
    /**
     * Gives the next rows, as they came or in another order, and lets go of them; `false` when
     * there are no more.
     */
    take(visit: VisitStored, most: number, order: Uint32Array | undefined): boolean {
      const end = Math.min(size, given + most);
      for (; given < end; given += 1) {
        give(order === undefined ? given : (order[given] ?? 0), visit);
        // What was given is not needed any more.
        if (order === undefined && (given + 1) % chunkSize === 0) {
          letGo((given + 1) / chunkSize - 1);
        }
      }
      return given < size;
    },
  };

  /** At once: the garbage collector may wait until there is no more room. */
  function letGo(number: number): void {
    const chunk = chunks[number];
    if (chunk === undefined) return;
    const { tickets, values, lines, froms, times } = chunk;
    for (const column of [tickets, values, lines, froms, times]) column?.buffer.transfer(0);
    chunks[number] = undefined;
  }

  function chunkOf(index: number): Chunk {
    return chunks[Math.floor(index / chunkSize)] as Chunk;
  }

  function give(index: number, visit: VisitStored): void {
    const chunk = chunkOf(index);
    const { tickets, values, froms, lines, firstLine } = chunk;
    const place = index % chunkSize;
    const at = timeAt(chunk, place);
    const line = lines?.[place] ?? firstLine + place;
    visit(tickets[place] ?? 0, values[place] ?? 0, froms?.[place] ?? 0, at, line);
  }

  function newChunk(firstLine: number): Chunk {
    return {
      tickets: new Uint32Array(chunkSize),
      values: new Uint8Array(chunkSize),
      firstLine,
      lines: undefined,
      froms: hasFroms ? new Uint32Array(chunkSize) : undefined,
      times: size < timed ? new Uint32Array(chunkSize) : undefined,
    };
  }
}

function timeAt({ times }: Chunk, place: number): number {
  const time = times?.[place] ?? Number.NaN;
  if (!(times instanceof Uint32Array)) return time;
  return time === 0 ? Number.NaN : (time - 1) * 1000;
}

function setTime(chunk: Chunk, place: number, at: number): void {
  const { times } = chunk;
  if (times === undefined) return;
  if (!(times instanceof Uint32Array)) {
    times[place] = at;
    return;
  }
  const seconds = at / 1000;
  if (Number.isNaN(at)) times[place] = 0;
  else if (Number.isInteger(seconds) && seconds >= 0 && seconds <= mostSeconds) {
    times[place] = seconds + 1;
  } else {
    chunk.times = Float64Array.from(times, (_, index) => timeAt(chunk, index));
    times.buffer.transfer(0);
    chunk.times[place] = at;
  }
}
