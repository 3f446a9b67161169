import type { DiagramOptions } from '../options.ts';
import type { Picture } from '../picture/picture.ts';
import type { LayOut } from './graphviz.ts';
import { clearHeadings, isClear } from './clear-places.ts';
import { placeInColumn } from './column.ts';
import { formsFor, rooms, tightestRoom, type Form } from './forms.ts';
import { placeAll, type Layout, type Room } from './layout.ts';
import { measure, type Drawing } from './measure.ts';

interface Placed {
  readonly picture: Picture;
  readonly drawing: Drawing;
  readonly layout: Layout;
}

type PictureIn = (form: Pick<Form, 'direction' | 'group'>) => Picture;

// With more edges Graphviz takes a second for each layout, and one layout is tried.
const mostEdges = 60;
const margins = 16;
// Where a column is as wide as that, its captions need not be short.
const wideColumn = 600;

/**
 * Lays a picture out in the widest room in which some form fits its place and is easy to read:
 * nothing is on a caption or a heading. Of these forms the smallest is taken, with regard to their
 * prices. Where there is none, the picture becomes a column of states, which needs little width.
 *
 * A direction or frames that are given are kept. Where they forbid a column, the first form that
 * fits is taken, or else the narrowest.
 */
export function fitInto(
  layOut: LayOut,
  width: number,
  given: Pick<DiagramOptions, 'direction' | 'group'>,
  pictureIn: PictureIn,
): Placed {
  const mayBeColumn = given.direction !== 'right' && given.group !== true;
  const forms = formsFor(given);
  const isLarge = pictureIn({ direction: 'down', group: false }).edges.length > mostEdges;
  if (isLarge && mayBeColumn) return placedInColumn(width, pictureIn);

  const all: Placed[] = [];
  const fits = ({ layout }: Placed) => layout.size.width + margins <= width;
  // A column that fits breaks no word either.
  const tried = mayBeColumn ? rooms : [...rooms, tightestRoom];
  for (const room of isLarge ? tried.slice(-2) : tried) {
    const placed = placedInForms(layOut, room, isLarge ? forms.slice(-1) : forms, pictureIn);
    all.push(...placed);
    const [best] = placed
      .filter((one) => fits(one) && isClear(one.drawing.plan, one.layout))
      .toSorted((one, other) => costOf(one) - costOf(other));
    if (best !== undefined) return best;
  }
  const [narrowest] = all.toSorted((one, other) => widthOf(one) - widthOf(other));
  if (narrowest === undefined) throw new TypeError('No form is left.');
  if (mayBeColumn) {
    const column = placedInColumn(width, pictureIn);
    if (fits(column) || widthOf(column) < widthOf(narrowest)) return column;
  }
  return all.find(fits) ?? narrowest;
}

interface Candidate extends Placed {
  readonly price: number;
}

const widthOf = ({ layout }: Placed): number => layout.size.width;
const costOf = ({ layout: { size }, price }: Candidate): number =>
  (size.width + margins) * (size.height + margins) * price;

function placedInForms(
  layOut: LayOut,
  room: Room,
  forms: readonly Form[],
  pictureIn: PictureIn,
): Candidate[] {
  // Without frames or long captions, several forms come to the same.
  const seen = new Set<string>();
  return forms.flatMap(({ price, lineWidth, ...form }) => {
    const picture = pictureIn(form);
    const drawing = measure(picture, { lineWidth, room });
    const key = JSON.stringify(drawing.plan);
    if (seen.has(key)) return [];
    seen.add(key);
    const layout = clearHeadings(drawing.plan, placeAll(drawing.plan, layOut));
    return [{ picture, drawing, layout, price }];
  });
}

/** A column, whose words are broken only where they do not fit. */
function placedInColumn(width: number, pictureIn: PictureIn): Placed {
  const picture = pictureIn({ direction: 'down', group: false });
  const lineWidth = width < wideColumn ? 8 : 15;
  const placedIn = (room: Room): Placed => {
    const drawing = measure(picture, { lineWidth, room });
    return { picture, drawing, layout: placeInColumn(drawing.plan, width - margins) };
  };
  const [room = tightestRoom] = rooms.slice(-1);
  const placed = placedIn(room);
  return widthOf(placed) + margins <= width ? placed : placedIn(tightestRoom);
}
