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
  readonly tickets: Uint32Array;
  readonly values: Uint32Array;
  readonly lines: Uint32Array;
  readonly froms: Uint32Array | undefined;
  readonly times: Float64Array | undefined;
}

const chunkSize = 2 ** 16;

/**
 * Keeps very many rows: 12 bytes each, 8 more with times, 4 more with what changes came from.
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
      if (place === 0) chunks.push(newChunk());
      const chunk = chunkOf(size);
      chunk.tickets[place] = ticket;
      chunk.values[place] = value;
      chunk.lines[place] = line;
      if (chunk.froms !== undefined) chunk.froms[place] = from;
      if (chunk.times !== undefined) chunk.times[place] = at;
      size += 1;
    },
    ticketOf: (index: number): number => chunkOf(index).tickets[index % chunkSize] ?? 0,
    timeOf: (index: number): number => chunkOf(index).times?.[index % chunkSize] ?? Number.NaN,
    /** Changes every time that was added. */
    mapTimes(change: (at: number) => number): void {
      for (const chunk of chunks) {
        const times = chunk?.times;
        if (times === undefined) continue;
        for (let place = 0; place < chunkSize; place += 1) times[place] = change(times[place] ?? 0);
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
          chunks[(given + 1) / chunkSize - 1] = undefined;
        }
      }
      return given < size;
    },
  };

  function chunkOf(index: number): Chunk {
    return chunks[Math.floor(index / chunkSize)] as Chunk;
  }

  function give(index: number, visit: VisitStored): void {
    const { tickets, values, froms, times, lines } = chunkOf(index);
    const place = index % chunkSize;
    const at = times?.[place] ?? Number.NaN;
    visit(tickets[place] ?? 0, values[place] ?? 0, froms?.[place] ?? 0, at, lines[place] ?? 0);
  }

  function newChunk(): Chunk {
    return {
      tickets: new Uint32Array(chunkSize),
      values: new Uint32Array(chunkSize),
      lines: new Uint32Array(chunkSize),
      froms: hasFroms ? new Uint32Array(chunkSize) : undefined,
      times: size < timed ? new Float64Array(chunkSize) : undefined,
    };
  }
}
