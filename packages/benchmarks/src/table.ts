/** A table in Markdown, its head as it stands there; all columns but the first are right-aligned. */
export function table(head: string, rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const rule = head.split(' | ').map((_, column) => (column === 0 ? '---' : '---:'));
  return [line([head]), line(rule), ...rows.map(line)].join('\n');
}
