import { count, printable, several } from '../../terminal/text.ts';
import { disorderText } from '../../histories/disorder.ts';
import { columnsText } from '../../histories/log-notes.ts';
import type { ReplaySummary } from '../../histories/summary.ts';

const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
};

/**
 * Says how the file was read: what was recognised, and what was passed over.
 *
 * @param timeNotes - what is doubtful about its times
 */
export function readText(summary: ReplaySummary, timeNotes: readonly string[]): string[] {
  const { unselected, ignored, disorder } = summary;
  const passedOver = [
    ...(unselected === 0 ? [] : [`${count(unselected)} not selected`]),
    ...(ignored === 0 ? [] : [`${count(ignored)} ignored`]),
  ];
  return [
    `Read    ${formatText(summary)}`,
    `        ${columnsText(summary.read)}`,
    ...(passedOver.length === 0 ? [] : [`        rows ${passedOver.join(', ')}`]),
    `Map     ${mapped(summary)}`,
    ...timeText(summary, timeNotes).map((text) => `Time    ${text}`),
    ...(disorder === undefined ? [] : [`Order   ${disorderText(disorder)}`]),
  ];
}

function formatText({ read }: ReplaySummary): string {
  const { format, delimiter = ',', encoding, hasAudits, header } = read;
  const parts = [format === 'csv' ? 'CSV' : format === 'xes' ? 'XES' : format.toUpperCase()];
  if (format === 'csv') parts.push(delimiterNames[delimiter] ?? `"${printable(delimiter)}"`);
  if (encoding !== undefined) parts.push(encoding === 'utf-8' ? 'UTF-8' : encoding);
  if (format === 'csv' && !header) parts.push('without a header');
  if (hasAudits) parts.push("the status changes of Zendesk's audits");
  return parts.join(', ');
}

function mapped({ map, unmapped, unusedPatterns }: ReplaySummary): string {
  const all = map.length + unmapped.length;
  const unused =
    unusedPatterns.length === 0
      ? ''
      : `; ${several(unusedPatterns.length, 'entry').replace('entrys', 'entries')} of the map fit none: ${unusedPatterns.map(printable).join(', ')}`;
  return `${count(map.length)} of ${several(all, 'value')} have a meaning${unused}`;
}

function timeText({ order }: ReplaySummary, notes: readonly string[]): string[] {
  if (order?.isSorted !== true) return [];
  const { column, first = '', last = '', outOfOrder, isNewestFirst } = order;
  const sorted = isNewestFirst
    ? 'sorted: the newest came first'
    : outOfOrder === 0
      ? 'all rows in order'
      : `sorted: ${several(outOfOrder, 'row')} out of order`;
  const span = `${first.slice(0, 10)} to ${last.slice(0, 10)} by "${printable(column)}", ${sorted}`;
  return [span, ...notes];
}
