/**
 * A value as a cell of CSV, quoted where it has to be.
 *
 * @param isText - whether people have written it and nobody reads it back: a text that a
 *   spreadsheet would take for a formula then gets an apostrophe. An id never does: other commands
 *   would look for a ticket of that name
 */
export function csvCell(value: string | number | null | undefined, isText = false): string {
  const given = String(value ?? '');
  const text = isText && /^[=+@\t\r-]/.test(given) ? `'${given}` : given;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
