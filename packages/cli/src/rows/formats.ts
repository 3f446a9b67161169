/** The formats of files that can be read. */
export const formats = ['csv', 'ndjson'] as const;

/** The name of such a format. */
export type Format = (typeof formats)[number];
