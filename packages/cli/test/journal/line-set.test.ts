import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSet } from '../../src/journal/line-set.ts';

test('a set of lines holds what was added', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100_000 })), (lines) => {
      const set = createLineSet();
      for (const line of lines) set.add(line);
      expect(set.size).toBe(new Set(lines).size);
      for (const line of [...lines, 7, 100_001]) expect(set.has(line)).toBe(lines.includes(line));
    }),
  );
});
