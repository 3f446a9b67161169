/** A file, or what was said about it, that can't be read as histories. The message names the cure. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  /** Whether the file is at fault, or an option. */
  readonly at: 'file' | 'option';

  constructor(at: 'file' | 'option', message: string) {
    super(message);
    this.at = at;
  }
}
