import { escapeHtml, scrollable } from './page.ts';
import { count, percent } from '../terminal/text.ts';

/** A bar: what it is called, how long it is, and in which of the page's colours. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly color: 'good' | 'warn' | 'bad' | 'plain';
}

const width = 640;
const rowHeight = 30;
const labelWidth = 150;
const valueWidth = 80;

/** Draws bars side by side. The number is beside each bar. */
export function barsSvg(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const room = width - labelWidth - valueWidth;
  const rows = bars.map(({ label, value, color }, index) => {
    const y = index * rowHeight;
    // One of a million should still be seen.
    const length = value === 0 ? 0 : Math.max(2, (room * value) / most);
    return `<text x="${labelWidth - 12}" y="${y + 20}" text-anchor="end">${escapeHtml(label)}</text>
<rect class="${color}" x="${labelWidth}" y="${y + 5}" width="${length.toFixed(1)}" height="20" rx="3"/>
<text x="${(labelWidth + length + 8).toFixed(1)}" y="${y + 20}">${count(value)}</text>`;
  });
  const said = bars.map(({ label, value }) => `${label} ${count(value)}`).join(', ');
  return picture(title, said, bars.length * rowHeight, rows.join('\n'));
}

const plotHeight = 160;
const left = 60;

/** Draws how much of the budget was used, span after span, below the line of all of it. */
export function budgetSvg(
  title: string,
  { requests, spanMs }: { readonly requests: readonly number[]; readonly spanMs: number },
  requestsPerSecond: number,
): string {
  const budget = (requestsPerSecond * spanMs) / 1000;
  const top = Math.max(1, ...requests.map((sent) => sent / budget));
  const step = (width - left) / requests.length;
  const yOf = (share: number) => plotHeight - (share / top) * (plotHeight - 14);
  const bars = requests.map((sent, index) => {
    const y = yOf(sent / budget);
    const x = left + index * step;
    return `<rect class="plain" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0.5, step - 1).toFixed(1)}" height="${(plotHeight - y).toFixed(1)}"/>`;
  });
  const seconds = (requests.length * spanMs) / 1000;
  const full = yOf(1);
  const body = `${bars.join('')}
<line class="limit" x1="${left}" x2="${width}" y1="${full.toFixed(1)}" y2="${full.toFixed(1)}"/>
<text x="${left - 8}" y="${(full + 4).toFixed(1)}" text-anchor="end">100 %</text>
<text x="${left - 8}" y="${plotHeight}" text-anchor="end">0</text>
<text x="${left}" y="${plotHeight + 22}">start</text>
<text x="${width}" y="${plotHeight + 22}" text-anchor="end">${count(seconds)} s</text>`;
  const mean = requests.reduce((sum, sent) => sum + sent, 0) / (budget * requests.length);
  const said = `${percent(mean)} of ${requestsPerSecond} requests a second on average over ${count(seconds)} seconds`;
  return picture(title, said, plotHeight + 30, body);
}

function picture(title: string, said: string, height: number, body: string): string {
  const svg = `<svg class="plot" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-label="${escapeHtml(`${title}: ${said}`)}">
${body}
</svg>`;
  return scrollable(title, svg);
}
