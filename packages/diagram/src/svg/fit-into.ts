import type { DiagramOptions } from '../options.ts';
import type { Picture } from '../picture/picture.ts';
import type { LayOut } from './graphviz.ts';
import { clearHeadings, isClear } from './clear-places.ts';
import { placeInColumn } from './column.ts';
import { placeAll, type Layout } from './layout.ts';
import { measure, type Drawing } from './measure.ts';

/** How a picture may be laid out. */
type Form = Required<Pick<DiagramOptions, 'direction' | 'group'>> & {
  /** Of captions, in units of the font size. */
  readonly lineWidth: number;
  /** Less room between everything. */
  readonly isTight: boolean;
};

interface Placed {
  readonly picture: Picture;
  readonly drawing: Drawing;
  readonly layout: Layout;
}

// From the form that is read most easily to the narrowest.
const forms: readonly Form[] = [
  { direction: 'right', group: true, lineWidth: 15, isTight: false },
  { direction: 'right', group: true, lineWidth: 9, isTight: false },
  { direction: 'right', group: false, lineWidth: 9, isTight: true },
  { direction: 'down', group: true, lineWidth: 15, isTight: false },
  { direction: 'down', group: true, lineWidth: 9, isTight: true },
  { direction: 'down', group: false, lineWidth: 8, isTight: true },
];
// With more edges Graphviz takes a second for each layout, and the narrow forms have the only chance.
const mostEdges = 60;
const margins = 16;
// Where a column is as wide as that, its captions need not be short.
const wideColumn = 600;

/**
 * Lays a picture out in the first form that is no wider than its place and easy to read: nothing is
 * on a caption or a heading. Where none is, it becomes a column of states, which needs little width.
 *
 * A direction or frames that are given are kept. Where they forbid a column, the first form that
 * fits is taken, or else the narrowest.
 */
export function fitInto(
  layOut: LayOut,
  width: number,
  given: Pick<DiagramOptions, 'direction' | 'group'>,
  pictureIn: (form: Pick<Form, 'direction' | 'group'>) => Picture,
): Placed {
  let narrowest: Placed | undefined;
  let fitting: Placed | undefined;
  const mayBeColumn = given.direction !== 'right' && given.group !== true;
  for (const form of formsFor(given)) {
    const picture = pictureIn(form);
    const isLarge = picture.edges.length > mostEdges;
    if (isLarge && mayBeColumn) break;
    const drawing = measure(picture, form);
    const layout = clearHeadings(drawing.plan, placeAll(drawing.plan, layOut));
    if (narrowest === undefined || layout.size.width < narrowest.layout.size.width) {
      narrowest = { picture, drawing, layout };
    }
    if (layout.size.width + margins <= width) {
      if (isClear(drawing.plan, layout)) return { picture, drawing, layout };
      fitting ??= { picture, drawing, layout };
    }
    if (isLarge && form.direction === 'down') break;
  }
  if (mayBeColumn) {
    const picture = pictureIn({ direction: 'down', group: false });
    const lineWidth = width < wideColumn ? 8 : 15;
    const drawing = measure(picture, { lineWidth, isTight: true });
    const layout = placeInColumn(drawing.plan, width - margins);
    if (narrowest === undefined || layout.size.width < narrowest.layout.size.width) {
      return { picture, drawing, layout };
    }
  }
  if (fitting !== undefined) return fitting;
  if (narrowest === undefined) throw new TypeError('No form is left.');
  return narrowest;
}

function formsFor({ direction, group }: Pick<DiagramOptions, 'direction' | 'group'>): Form[] {
  const fixed = { ...(direction && { direction }), ...(group === undefined ? {} : { group }) };
  const seen = new Set<string>();
  return forms
    .map((form) => ({ ...form, ...fixed }))
    .filter((form) => {
      const key = JSON.stringify(form);
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
}
