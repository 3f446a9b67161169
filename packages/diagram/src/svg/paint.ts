import { captionAreas, type Area } from './clear-places.ts';
import { frameOutline } from './frame-outline.ts';
import { sampleWidth, type Key, type Legend } from './legend.ts';
import type { Layout, Point, Size } from './layout.ts';
import {
  fontSizes,
  heightOf,
  type ArrowPart,
  type BoxPart,
  type Drawing,
  type Part,
  type TextLine,
} from './measure.ts';
import { schemes, styleOf, type Scheme } from './svg-style.ts';
import { fit, isRightToLeft, oneLine } from '../text.ts';
import { textWidth } from '../text-size.ts';
import { element, jsonText, rounded, xmlText, type Attributes } from './xml.ts';
import type { VerdictTable } from '../picture/verdict-table.ts';

/** What an SVG says of itself. */
interface Words {
  readonly title: string | undefined;
  /** What it is called without a title. */
  readonly name: string;
  readonly description: string;
  readonly idPrefix: string;
  readonly scheme: Scheme;
  readonly verdicts: VerdictTable | undefined;
  readonly legend: Legend | undefined;
  /** How wide all may be. */
  readonly width: number;
}

const margin = 8;
const titleHeight = 22;
const titleSize = 16;
const namespace = 'http://www.w3.org/2000/svg';

/** Writes a placed drawing as SVG. */
export function paint(
  { boxes, frames, arrows, plan }: Drawing,
  layout: Layout,
  { title, name, description, idPrefix, scheme, verdicts, legend, width: given }: Words,
): string {
  const titleLines =
    title === undefined ? [] : titleIn(title, Math.max(given - 2 * margin, layout.size.width));
  const top = titleLines.length === 0 ? 0 : titleLines.length * titleHeight + 8;
  const titleWidth = Math.max(0, ...titleLines.map(widthOfTitle));
  const width = Math.ceil(Math.max(layout.size.width, titleWidth, legend?.width ?? 0)) + 2 * margin;
  const height = Math.ceil(layout.size.height + (legend?.height ?? 0)) + 2 * margin + top;
  const ids = { title: `${idPrefix}-title`, desc: `${idPrefix}-desc` };
  const written = captionAreas(plan, layout);
  const parts = [
    ...frames.map((frame, index) => paintFrame(frame, layout.frames[index], written)),
    ...arrows.map((arrow, index) => paintArrow(arrow, layout.arrows[index])),
    ...boxes.map((box, index) => paintBox(box, layout.boxes[index])),
    ...(legend?.keys ?? []).map((key) => paintKey(key, layout.size.height + 10)),
  ];
  const lines = [
    `<svg xmlns="${namespace}" class="ticket-lifecycle" role="img" aria-labelledby="${ids.title}" aria-describedby="${ids.desc}" width="${width}" height="${height}" direction="ltr" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="${fontSizes.name}"${scheme === 'auto' ? '' : ` color="${schemes[scheme].ink}"`}>`,
    element('title', { id: ids.title }, xmlText(title ?? name)),
    element('desc', { id: ids.desc }, xmlText(description)),
    ...(verdicts === undefined ? [] : [element('metadata', {}, jsonText(verdicts))]),
    element('style', {}, styleOf(scheme)),
    // What a file of its own stands on; inside a page the page shows through.
    element('rect', {
      class: 'tl-page',
      width,
      height,
      fill: scheme === 'auto' ? 'none' : schemes[scheme].paper,
    }),
    ...titleLines.map(heading),
    `<g transform="translate(${margin} ${margin + top})">`,
    ...parts,
    '</g>',
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

// Set in bold.
const widthOfTitle = (line: string): number => textWidth(line) * titleSize * 1.15;

/** A title in lines that are no wider than the picture may be. */
const titleIn = (title: string, width: number): string[] =>
  fit(oneLine(title), { width: width / (titleSize * 1.15), lines: 4 });

function heading(line: string, index: number): string {
  // Programs do not agree on which side a text from right to left begins, but on its middle.
  const place = isRightToLeft(line)
    ? { x: margin + widthOfTitle(line) / 2, 'text-anchor': 'middle' }
    : { x: margin };
  return text('title', line, {
    ...place,
    y: titleHeight * (index + 1),
    'font-size': `${titleSize}`,
  });
}

function text(kind: string, content: string, look: Attributes): string {
  const direction = isRightToLeft(content) ? { direction: 'rtl' } : {};
  const all = { class: `tl-${kind}`, ...direction, ...look, fill: 'currentColor' };
  return element('text', all, xmlText(content));
}

/** The group of a part: its classes, its data and its tooltip. */
function group({ classes, data, tooltip }: Part, ...content: readonly string[]): string {
  const names = classes.map((name) => `tl-${name}`).join(' ');
  return element(
    'g',
    { class: names, ...data },
    element('title', {}, xmlText(tooltip)),
    ...content,
  );
}

// Attributes say the least, for programs that read no style sheet; the style sheet says the rest.
const outline = { fill: 'none', stroke: 'currentColor' } as const;

function paintFrame(
  frame: Part,
  place: Layout['frames'][number] | undefined,
  written: readonly Area[],
): string {
  if (place === undefined) return '';
  const outlined = element('path', {
    d: frameOutline(place, written),
    ...outline,
    'stroke-dasharray': '2 4',
  });
  return group(frame, outlined, texts(frame.lines, place.heading));
}

function paintBox(box: BoxPart, middle: Point = { x: 0, y: 0 }): string {
  const { width, height } = box.size;
  if (box.lines.length === 0) {
    return group(
      box,
      element('circle', { cx: middle.x, cy: middle.y, r: width / 2, fill: 'currentColor' }),
    );
  }
  const inner = box.isFinal
    ? [rectAround(middle, { width: width - 7, height: height - 7 }, 7)]
    : [];
  return group(box, rectAround(middle, box.size, 10), ...inner, texts(box.lines, middle));
}

const rectAround = ({ x, y }: Point, { width, height }: Size, rx: number): string =>
  element('rect', { x: x - width / 2, y: y - height / 2, width, height, rx, ...outline });

function paintArrow(arrow: ArrowPart, place: Layout['arrows'][number] | undefined): string {
  const [start, ...rest] = place?.curve ?? [];
  if (place === undefined || start === undefined) return '';
  const curve = `M${at(start)}C${rest.map(at).join(' ')}`;
  const path = element('path', { d: curve, ...outline, 'stroke-width': arrow.stroke });
  const head = headOf(rest.at(-1) ?? start, place.tip, arrow);
  const [own, ...others] = captionsOf([arrow, ...arrow.others], place.caption);
  return [
    group(arrow, path, head, own ?? ''),
    ...arrow.others.map((other, index) => group(other, others[index] ?? '')),
  ].join('');
}

/** A sample of what is explained, and what it means. */
function paintKey({ shape, classes, stroke, text: meaning, x, y: row }: Key, top: number): string {
  const y = top + row;
  const end = { x: x + sampleWidth, y };
  const sample =
    shape === 'box'
      ? [rectAround({ x: x + sampleWidth / 2, y }, { width: sampleWidth - 4, height: 13 }, 4)]
      : [
          element('path', {
            d: `M${at({ x, y })}H${rounded(end.x - 7)}`,
            ...outline,
            'stroke-width': stroke,
          }),
          headOf({ x: end.x - 7, y }, end, { head: 7, stroke }),
        ];
  const names = classes.map((name) => `tl-key-${name}`).join(' ');
  const words = text('note', meaning, { x: end.x + 8, y: y + 4, 'font-size': `${fontSizes.note}` });
  return element('g', { class: names }, ...sample) + words;
}

/** The captions of an arrow, one below the other around their common middle. */
function captionsOf(parts: readonly Part[], middle: Point | undefined): string[] {
  if (middle === undefined) return [];
  const heights = parts.map(({ lines }) => lines.reduce((sum, line) => sum + heightOf(line), 0));
  let top = middle.y - heights.reduce((sum, height) => sum + height, 0) / 2;
  return parts.map(({ lines }, index) => {
    const height = heights[index] ?? 0;
    top += height;
    return texts(lines, { x: middle.x, y: top - height / 2 });
  });
}

/** A triangle from where the curve ends to the tip. */
function headOf(
  base: Point,
  tip: Point,
  { head, stroke }: Pick<ArrowPart, 'head' | 'stroke'>,
): string {
  const [dx, dy] = [tip.x - base.x, tip.y - base.y];
  const length = Math.hypot(dx, dy) || 1;
  const half = Math.min(head * 0.42, 4 + stroke);
  const [sideX, sideY] = [(-dy / length) * half, (dx / length) * half];
  const corners = [
    { x: base.x + sideX, y: base.y + sideY },
    tip,
    { x: base.x - sideX, y: base.y - sideY },
  ];
  return element('polygon', { points: corners.map(at).join(' '), fill: 'currentColor' });
}

const at = ({ x, y }: Point): string => `${rounded(x)},${rounded(y)}`;

/** Lines of text around their common middle. */
function texts(lines: readonly TextLine[], { x, y }: Point): string {
  let top = y - lines.reduce((sum, line) => sum + heightOf(line), 0) / 2;
  return lines
    .map((line) => {
      const height = heightOf(line);
      // The middle of a line is below the middle of its letters.
      const baseline = top + height / 2 + fontSizes[line.style] * 0.35;
      top += height;
      const size = String(fontSizes[line.style]);
      const look = { x, y: baseline, 'font-size': size, 'text-anchor': 'middle' };
      return text(line.style, line.text, look);
    })
    .join('');
}
