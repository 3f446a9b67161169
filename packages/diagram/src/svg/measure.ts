import type { Plan, Size } from './layout.ts';
import type { Caption, Picture, PictureState } from '../picture/picture.ts';
import { edgeLabel, stateLabel } from '../label-width.ts';
import { fit } from '../text.ts';
import { textWidth } from '../text-size.ts';

/** A line of text, and how it is set. */
export interface TextLine {
  readonly text: string;
  readonly style: 'name' | 'heading' | 'event' | 'note';
}

export const fontSizes = { name: 14, heading: 12, event: 12.5, note: 11 } as const;
const leading = 1.3;
// The usual path through a lifecycle runs straight, and the edges back go around it.
const forward = 10;

/** A box, a frame or an arrow: its texts, and what styles and scripts know it by. */
export interface Part {
  readonly classes: readonly string[];
  readonly data: Readonly<Record<string, string | undefined>>;
  /** Shown when a pointer rests on it. */
  readonly tooltip: string;
  readonly lines: readonly TextLine[];
}

export interface BoxPart extends Part {
  readonly size: Size;
  readonly isFinal: boolean;
}

export interface ArrowPart extends Part {
  /** How thick it is. */
  readonly stroke: number;
  readonly head: number;
}

/** All that is drawn, in the order of the plan that places it. */
export interface Drawing {
  readonly boxes: readonly BoxPart[];
  readonly frames: readonly Part[];
  readonly arrows: readonly ArrowPart[];
  readonly plan: Plan;
}

const dot: BoxPart = {
  classes: ['start'],
  data: {},
  tooltip: 'A ticket starts here.',
  lines: [],
  size: { width: 12, height: 12 },
  isFinal: false,
};

/** Measures what a picture shows, and lists what is to be placed. */
export function measure(picture: Picture): Drawing {
  const { states, groups, edges, seen, direction, initial } = picture;
  const boxOf = new Map(states.map(({ name }, index) => [name, index + 1]));
  const box = (name: string) => boxOf.get(name) ?? 0;
  const frameOf = (names: readonly string[]) => {
    const [first = ''] = names;
    const at = groups.findIndex((group) => names.length > 1 && group.states.includes(first));
    return at === -1 ? undefined : at;
  };

  const boxes = [dot, ...states.map(boxPart)];
  const frames = groups.map(({ status }): Part => ({
    classes: ['group'],
    data: { 'data-status': status },
    tooltip: `Each of these states is ${status} for the API.`,
    lines: [{ text: status, style: 'heading' }],
  }));
  const arrows: ArrowPart[] = [
    { ...arrowPart(['begin'], undefined), data: {}, tooltip: dot.tooltip, lines: [] },
    ...edges.map(({ event, from, to, standing, isReopening, count, share, ...caption }) => ({
      ...arrowPart(
        [
          'edge',
          ...(standing.kind === 'elsewhere' ? [] : [standing.kind]),
          ...(isReopening ? ['reopening'] : []),
          ...(count === 0 ? ['never'] : []),
        ],
        share,
      ),
      data: { 'data-from': from, 'data-to': to, 'data-event': event },
      tooltip: [`${event}: ${from} → ${to}`, ...caption.notes].join('\n'),
      lines: captionLines(caption),
    })),
    ...seen.map(({ from, to, kind, share, ...caption }) => ({
      ...arrowPart(['seen', kind], share),
      data: { 'data-seen-from': from.join(' '), 'data-seen-to': to.join(' ') },
      tooltip: `${from.join(' or ')} → ${to.join(' or ')}: ${caption.head}\n${caption.notes.join('\n')}`,
      lines: captionLines(caption),
    })),
  ];

  const ends = [
    { from: 0, to: box(initial), weight: forward },
    ...edges.map(({ from, to, isReopening }) => ({
      from: box(from),
      to: box(to),
      weight: isReopening ? 1 : forward,
    })),
    ...seen.map(({ from, to }) => ({
      from: box(from[0] ?? ''),
      to: box(to[0] ?? ''),
      weight: 0,
      fromFrame: frameOf(from),
      toFrame: frameOf(to),
    })),
  ];
  const plan: Plan = {
    direction,
    boxes: boxes.map(({ size }) => size),
    frames: frames.map(({ lines }, index) => ({
      boxes: (groups[index]?.states ?? []).map(box),
      heading: sizeOf(lines),
    })),
    arrows: ends.map((end, index) => {
      const { lines = [], head = 0 } = arrows[index] ?? {};
      return { ...end, head, caption: lines.length === 0 ? undefined : roomy(sizeOf(lines)) };
    }),
  };
  return { boxes, frames, arrows, plan };
}

function boxPart(state: PictureState): BoxPart {
  const { name, label, description, status, showsStatus, isFinal, mark } = state;
  const lines: TextLine[] = [
    ...fit(label, stateLabel).map((text) => ({ text, style: 'name' as const })),
    ...(showsStatus ? [{ text: status, style: 'note' as const }] : []),
  ];
  const { width, height } = sizeOf(lines);
  return {
    classes: ['state', ...(mark === undefined ? [] : [mark])],
    data: { 'data-state': name, 'data-status': status },
    tooltip: [label === name ? name : `${label} (${name})`, ...(description ?? '').split('\n')]
      .join('\n')
      .trim(),
    lines,
    size: { width: Math.max(64, width + 28), height: Math.max(36, height + 16) },
    isFinal,
  };
}

const arrowPart = (classes: readonly string[], share: number | undefined) => {
  const stroke = share === undefined ? 1.4 : 1 + 7 * share;
  return { classes, stroke, head: 7 + 1.6 * stroke };
};

const captionLines = ({ head, notes }: Caption): TextLine[] => [
  ...fit(head, edgeLabel).map((text) => ({ text, style: 'event' as const })),
  ...notes.flatMap((note) =>
    fit(note, edgeLabel).map((text) => ({ text, style: 'note' as const })),
  ),
];

function sizeOf(lines: readonly TextLine[]): Size {
  return {
    width: Math.max(0, ...lines.map(widthOf)),
    height: lines.reduce((sum, line) => sum + heightOf(line), 0),
  };
}

// Names are set in bold, which takes more room.
const widthOf = ({ text, style }: TextLine): number =>
  textWidth(text) * fontSizes[style] * (style === 'name' ? 1.08 : 1);

export const heightOf = ({ style }: TextLine): number => fontSizes[style] * leading;

const roomy = ({ width, height }: Size): Size => ({ width: width + 12, height: height + 6 });
