/** Which status a word of somebody's log means. */
export type StatusMap = readonly { readonly pattern: RegExp; readonly status: string }[];

/** Reads a map such as `New=open, Awaiting *=in-progress`; `*` stands for anything. */
export function readMap(text: string): StatusMap {
  return text
    .split(/[,\n]/)
    .map((entry) => entry.split('=').map((side) => side.trim()))
    .filter((sides) => sides.length === 2 && sides.every((side) => side !== ''))
    .map(([word = '', status = '']) => ({
      pattern: new RegExp(`^${word.split('*').map(escape).join('.*')}$`, 'i'),
      status,
    }));
}

const escape = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/**
 * Reads one ticket's history, a line for an update. Of a line with several columns it takes the
 * first that is a status or that the map knows; repeated ones are kept.
 */
export function readHistory(
  text: string,
  map: StatusMap,
  isStatus: (name: string) => boolean,
): string[] {
  const mapped = (word: string): string | undefined =>
    map.find(({ pattern }) => pattern.test(word))?.status ??
    (isStatus(word.toLowerCase()) ? word.toLowerCase() : undefined);
  return text
    .split(/\n|→|->/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const columns = line.split(/[,;\t]/).map((column) => column.trim().replaceAll('"', ''));
      return columns.map(mapped).find((status) => status !== undefined) ?? line;
    });
}
