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

interface Chunk {
  readonly tickets: Uint32Array;
  readonly values: Uint32Array;
  readonly lines: Uint32Array;
  readonly froms: Uint32Array | undefined;
  readonly times: Float64Array | undefined;
}

const chunkSize = 2 ** 16;

/** Keeps very many rows: 12 bytes each, 8 more with times, 4 more with what changes came from. */
export function createRowStore(hasTimes: boolean, hasFroms: boolean) {
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
    take(visit: (row: StoredRow) => void, most: number, order: Uint32Array | undefined): boolean {
      const end = Math.min(size, given + most);
      for (; given < end; given += 1) {
        visit(read(order?.[given] ?? given));
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

  function read(index: number): StoredRow {
    const chunk = chunkOf(index);
    const place = index % chunkSize;
    return {
      ticket: chunk.tickets[place] ?? 0,
      value: chunk.values[place] ?? 0,
      from: chunk.froms?.[place] ?? 0,
      at: chunk.times?.[place] ?? Number.NaN,
      line: chunk.lines[place] ?? 0,
    };
  }

  function newChunk(): Chunk {
    return {
      tickets: new Uint32Array(chunkSize),
      values: new Uint32Array(chunkSize),
      lines: new Uint32Array(chunkSize),
      froms: hasFroms ? new Uint32Array(chunkSize) : undefined,
      times: hasTimes ? new Float64Array(chunkSize) : undefined,
    };
  }
}
