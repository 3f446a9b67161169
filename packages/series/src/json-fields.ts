/** The fields of a value that came as JSON; none where it is no object. */
export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object, or `undefined` for anything else. */
export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

// JSON can say 1e999, which is read as Infinity.
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
