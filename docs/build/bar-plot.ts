/** A bar, or the place of one that was not measured. */
export interface Bar {
  readonly label: string;
  readonly value: number | undefined;
  /** The text at the end of the bar. */
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

/** Where everything is in a plot of a width. */
interface Form {
  readonly width: number;
  /** Room for the labels, left of their bars; 0 where they are above them. */
  readonly labelWidth: number;
  readonly textWidth: number;
  readonly rowHeight: number;
}

const forms = {
  wide: { width: 600, labelWidth: 178, textWidth: 160, rowHeight: 30 },
  // What a phone of 390 px leaves between its margins.
  narrow: { width: 340, labelWidth: 0, textWidth: 130, rowHeight: 46 },
} as const satisfies Record<string, Form>;
const top = 34;
const lineHeight = 18;
// As wide as a character of the title is in most fonts.
const characterWidth = 7.4;

/** Draws bars for a wide place and for a phone; the style sheet shows the one that fits. */
export function drawBars(plot: BarPlot): string {
  return Object.entries(forms)
    .map(([name, form]) => `<div class="${name}">${draw(plot, form)}</div>`)
    .join('');
}

/** The same as a table of Markdown. */
export const tableOfBars = ({ title, bars }: BarPlot): string =>
  [
    `| | ${title} |`,
    '| --- | --- |',
    ...bars.map(({ label, text }) => `| ${label} | ${text} |`),
  ].join('\n');

/** Draws bars as SVG, in the ink of the page around it. The label says in words what it shows. */
function draw({ title, bars, most }: BarPlot, form: Form): string {
  const { width, labelWidth, textWidth, rowHeight } = form;
  const titleLines = linesOf(title, Math.floor(width / characterWidth));
  const titleHeight = top + (titleLines.length - 1) * lineHeight;
  const scale = (width - labelWidth - textWidth) / most;
  const words = bars.map(({ label, text }) => `${label}: ${text}`).join('; ');
  const rows = bars.map(({ label, value, text, isOurs }, index) => {
    const y = titleHeight + index * rowHeight + (labelWidth === 0 ? rowHeight - 30 : 0);
    const length = Math.max(1.5, (value ?? 0) * scale);
    const fill = isOurs ? 'var(--tl-go, #0a6157)' : 'currentColor';
    const weight = isOurs ? ' font-weight="600"' : '';
    const bar =
      value === undefined
        ? ''
        : `<rect x="${labelWidth}" y="${y + 5}" width="${length.toFixed(1)}" height="18" rx="2" fill="${fill}" opacity="${isOurs ? 1 : 0.42}"/>`;
    const at =
      labelWidth === 0
        ? `x="0" y="${y - 6}"`
        : `x="${labelWidth - 10}" y="${y + 14}" text-anchor="end"`;
    return `<text ${at} dy="0.35em"${weight}>${escape(label)}</text>${bar}<text x="${(labelWidth + length + 8).toFixed(1)}" y="${y + 14}" dy="0.35em"${weight}>${escape(text)}</text>`;
  });
  const heading = titleLines
    .map((line, index) => {
      const y = 14 + index * lineHeight;
      return `<text x="0" y="${y}" dy="0.35em" font-weight="600">${escape(line)}</text>`;
    })
    .join('');
  const height = titleHeight + bars.length * rowHeight + 6;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(`${title}. ${words}.`)}" font-size="13" fill="currentColor">${heading}${rows.join('')}</svg>`;
}

/** The words of a text in lines of at most so many characters. */
function linesOf(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length <= most) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines;
}

const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
