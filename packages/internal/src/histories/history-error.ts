/** A file, or what was said about it, that can't be read as histories. The message names the cure. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  /** Whether the file is at fault, or an option. */
  readonly at: 'file' | 'option';
  /** The columns of the file, where one of them has to be named. */
  readonly columns: readonly string[];

  constructor(at: 'file' | 'option', message: string, columns: readonly string[] = []) {
    super(message);
    this.at = at;
    this.columns = columns;
  }
}

const mostListed = 20;

/** Names of columns, for a message: short ones, and not too many. */
export function listed(columns: readonly string[]): string {
  const shown = columns
    .slice(0, mostListed)
    .map((column) => column.slice(0, 40).replaceAll(/\p{Cc}/gu, '\u{FFFD}'));
  const more = columns.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
