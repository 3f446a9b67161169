/** A bar, or the place of one that was not measured. */
export interface Bar {
  readonly label: string;
  readonly value: number | undefined;
  /** What stands at the end of the bar. */
  readonly text: string;
  /** Whether it is ours: told apart by weight and colour. */
  readonly isOurs: boolean;
}

/** What a plot of bars shows. */
export interface BarPlot {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** The value at the right edge. */
  readonly most: number;
}

const width = 600;
const labelWidth = 178;
const textWidth = 160;
const rowHeight = 30;
const top = 34;

/** Draws bars as SVG, in the ink of the page around it; what it shows, it also says. */
export function drawBars({ title, bars, most }: BarPlot): string {
  const scale = (width - labelWidth - textWidth) / most;
  const words = bars.map(({ label, text }) => `${label}: ${text}`).join('; ');
  const rows = bars.map(({ label, value, text, isOurs }, index) => {
    const y = top + index * rowHeight;
    const length = Math.max(1.5, (value ?? 0) * scale);
    const fill = isOurs ? 'var(--tl-go, #0a6157)' : 'currentColor';
    const weight = isOurs ? ' font-weight="600"' : '';
    const bar =
      value === undefined
        ? ''
        : `<rect x="${labelWidth}" y="${y + 5}" width="${length.toFixed(1)}" height="18" rx="2" fill="${fill}" opacity="${isOurs ? 1 : 0.42}"/>`;
    return `<text x="${labelWidth - 10}" y="${y + 14}" dy="0.35em" text-anchor="end"${weight}>${escape(label)}</text>${bar}<text x="${(labelWidth + length + 8).toFixed(1)}" y="${y + 14}" dy="0.35em"${weight}>${escape(text)}</text>`;
  });
  const height = top + bars.length * rowHeight + 6;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(`${title}. ${words}.`)}" font-size="13" fill="currentColor"><text x="0" y="14" dy="0.35em" font-weight="600">${escape(title)}</text>${rows.join('')}</svg>`;
}

const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
