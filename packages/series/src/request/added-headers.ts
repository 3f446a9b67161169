import type { OptionCheck } from '@ticket-lifecycle/internal/option-checks';

/** Headers of a caller, by their names. */
type AddedHeaders = Readonly<Record<string, string>>;

// Those of the key, of the body that we write, and of the connection.
const ours: ReadonlySet<string> = new Set([
  'apikey',
  'x-api-key',
  'accept',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const isName = (name: string) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
const isValue = (value: unknown) => typeof value === 'string' && /^[\t\x20-\x7e]*$/.test(value);

/** Checks headers that a caller wants to send along. A value may be a secret, and is not shown. */
export const checkHeaders: OptionCheck = (value) => {
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) {
    return 'an object of header names and values';
  }
  for (const [name, text] of Object.entries(value)) {
    if (!isName(name)) return 'an object whose names are names of headers';
    if (ours.has(name.toLowerCase())) return `without "${name}", which the client writes itself`;
    if (!isValue(text)) return `an object of visible ASCII texts: "${name}" is none`;
  }
  return undefined;
};

/** The headers by the names that go on the wire, so that none is sent twice. */
export const lowerCased = (headers: AddedHeaders = {}): AddedHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** What may be sent of the headers that telemetry adds: a broken one must not stop a request. */
export const usable = (headers: AddedHeaders): AddedHeaders =>
  Object.fromEntries(
    Object.entries(lowerCased(headers)).filter(
      ([name, value]) => isName(name) && isValue(value) && !ours.has(name),
    ),
  );
