/** How many changes may be drained: more would only take longer. */
export const drainable = { least: 1, most: 500 } as const;

/** All that makes a playground what it is, and so all that a shared address carries. */
export interface Shared {
  readonly text: string;
  readonly at: string;
  readonly target: string;
  readonly fault: string;
  readonly answers: Readonly<Record<string, boolean>>;
  readonly history: string;
  readonly map: string;
  readonly timeZone: string;
  readonly ignore: string;
  /** The column of the history that names the ticket; empty where it is found. */
  readonly ticketColumn: string;
  readonly isOneTicket: boolean;
  readonly complete: boolean;
  readonly count: number;
  readonly limit: string;
  /** The form in which the lifecycle is shown to take along. */
  readonly form: string;
  /** The status that a colleague sets. */
  readonly colleague: string;
  readonly reads: boolean;
  readonly verify: boolean;
}

/**
 * What of a playground an address can carry: a long log is left out of it. `undefined` where the rest
 * is too long as well.
 */
export const portionFor = (shared: Shared): Shared | undefined =>
  [shared, { ...shared, history: '' }].find(
    (portion) => new TextEncoder().encode(JSON.stringify(portion)).length <= mostBytes,
  );

/** Packs a playground into the part of an address behind the #, which browsers don't send. */
export async function pack(shared: Shared): Promise<string> {
  const whole = new TextEncoder().encode(JSON.stringify(shared));
  const bytes = await through(whole, new CompressionStream('deflate'));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Reads what `pack` wrote; `undefined` for anything else, since anybody can write an address. */
export async function unpack(packed: string): Promise<Partial<Shared> | undefined> {
  try {
    const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.codePointAt(0) ?? 0);
    const text = await through(bytes, new DecompressionStream('deflate'));
    const value: unknown = JSON.parse(new TextDecoder().decode(text));
    return typeof value === 'object' && value !== null ? withRightTypes(value) : undefined;
  } catch {
    return undefined;
  }
}

const texts = [
  'text',
  'at',
  'target',
  'fault',
  'history',
  'map',
  'timeZone',
  'ignore',
  'ticketColumn',
  'limit',
  'form',
  'colleague',
] as const;
const switches = ['isOneTicket', 'complete', 'reads', 'verify'] as const;

function withRightTypes(value: object): Partial<Shared> {
  const given = value as Readonly<Record<string, unknown>>;
  const kept: Record<string, unknown> = {};
  for (const name of texts) if (typeof given[name] === 'string') kept[name] = given[name];
  for (const name of switches) if (typeof given[name] === 'boolean') kept[name] = given[name];
  const { count } = given;
  if (Number.isInteger(count))
    kept['count'] = Math.min(drainable.most, Math.max(drainable.least, Number(count)));
  const answers = Object.entries(given['answers'] ?? {}).filter(([, holds]) => holds === true);
  kept['answers'] = Object.fromEntries(answers);
  return kept;
}

// A bomb of a few bytes must not fill the memory of whoever follows a link.
const mostBytes = 200_000;

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  const written = Promise.all([writer.write(bytes), writer.close()]);
  // Whoever reads gets the error of whatever can't be read.
  written.catch(() => {});
  const reader: ReadableStreamDefaultReader<Uint8Array> = stream.readable.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.length;
    if (size > mostBytes) throw new RangeError('Too much for an address.');
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
