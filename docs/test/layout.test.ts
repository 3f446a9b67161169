import { expect, test } from 'vitest';
import fc from 'fast-check';
import { boxSize, layOut } from '../playground/layout.ts';

const graph = fc.integer({ min: 1, max: 12 }).chain((size) => {
  const states = Array.from({ length: size }, (_, index) => `S${index}`);
  const state = fc.constantFrom(...states);
  const edge = fc.record({ from: state, to: state, event: fc.string({ maxLength: 20 }) });
  return fc.record({ states: fc.constant(states), edges: fc.array(edge, { maxLength: 40 }) });
});

test('every state and every way of any machine is drawn once, inside of the picture', () => {
  fc.assert(
    fc.property(graph, ({ states, edges }) => {
      const { boxes, arrows, width, height } = layOut('S0', states, edges, ({ event }) => event);
      expect(boxes.map(({ state }) => state).toSorted()).toEqual(states.toSorted());
      expect(arrows.flatMap((arrow) => arrow.edges)).toHaveLength(edges.length);
      for (const { x, y } of boxes) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + boxSize.width).toBeLessThanOrEqual(width);
        expect(y + boxSize.height).toBeLessThanOrEqual(height);
      }
      for (const { x } of arrows) expect(x > 0 && x < width).toBe(true);
    }),
  );
});

test('no two labels share a place', () => {
  fc.assert(
    fc.property(graph, ({ states, edges }) => {
      const { arrows } = layOut('S0', states, edges, ({ event }) => event);
      const places = arrows.map(({ x, y }) => `${x.toFixed(2)} ${y.toFixed(2)}`);
      expect(new Set(places).size).toBe(places.length);
    }),
  );
});
