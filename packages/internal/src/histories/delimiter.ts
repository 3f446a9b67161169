import type { Line } from './lines.ts';

/** The signs that may be between two cells. */
export const delimiters = [',', ';', '\t', '|'] as const;

/** Reads a line such as `sep=;`, with which some programs tell Excel the delimiter. */
export const separatorLine = (text: string): string | undefined => /^sep=(.)\s*$/.exec(text)?.[1];

/**
 * Finds the sign between the cells: what the first lines hold equally often, quoted cells aside.
 * The comma where nothing does.
 */
export function findDelimiter(lines: readonly Line[]): string {
  const texts = lines.flatMap(({ text = '' }) => (text.trim() === '' ? [] : [bare(text)]));
  const [header = ''] = texts;
  const scored = delimiters.map((delimiter) => {
    const inHeader = header.split(delimiter).length - 1;
    const alike = texts.filter((text) => text.split(delimiter).length - 1 === inHeader).length;
    return { delimiter, score: inHeader === 0 ? 0 : alike * 1000 + inHeader };
  });
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
  return best.score === 0 ? ',' : best.delimiter;
}

const bare = (text: string) => text.replaceAll(/"(?:[^"]|"")*"?/g, '""');
