import type { DiagramOptions } from '../options.ts';
import type { Picture } from '../picture/picture.ts';
import type { LayOut } from './graphviz.ts';
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
  { direction: 'down', group: false, lineWidth: 5, isTight: true },
];
// With more edges Graphviz takes a second for each layout, and only the narrow forms have a chance.
const mostEdges = 90;
const margins = 16;

/**
 * Lays a picture out in the first form that is no wider than its place, or else in the narrowest.
 * What is given (a direction, frames or none) is kept.
 */
export function fitInto(
  layOut: LayOut,
  width: number,
  given: Pick<DiagramOptions, 'direction' | 'group'>,
  pictureIn: (form: Pick<Form, 'direction' | 'group'>) => Picture,
): Placed {
  let narrowest: Placed | undefined;
  for (const form of formsFor(given)) {
    const picture = pictureIn(form);
    const drawing = measure(picture, form);
    const layout = placeAll(drawing.plan, layOut);
    if (narrowest === undefined || layout.size.width < narrowest.layout.size.width) {
      narrowest = { picture, drawing, layout };
    }
    if (layout.size.width + margins <= width) return { picture, drawing, layout };
    if (picture.edges.length > mostEdges && form.direction === 'down') break;
  }
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
