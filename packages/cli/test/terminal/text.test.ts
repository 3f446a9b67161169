import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonLine } from '../../src/terminal/text.ts';

test('a line of JSON says what JSON says, without a character that drives a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = jsonLine({ [text]: text });
      expect(JSON.parse(line)).toEqual({ [text]: text });
      expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    }),
    { examples: [['\u{7F}\u{80}\u{9F}\u{61C}\u{200E}\u{202E}\u{2028}\u{2029}\u{2069}']] },
  );
});
