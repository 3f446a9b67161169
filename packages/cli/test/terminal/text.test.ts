import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resumeCommand } from '../../src/commands/apply/resume-command.ts';
import { jsonLine, quoted } from '../../src/terminal/text.ts';

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

test.each([
  [String.raw`C:\jobs\a.csv`, true, String.raw`"C:\jobs\a.csv"`],
  ['my jobs/a.csv', true, '"my jobs/a.csv"'],
  ["kim's jobs/a.csv", false, String.raw`'kim'\''s jobs/a.csv'`],
  ['jobs/a.csv', false, 'jobs/a.csv'],
])('a shell takes %s for one word (on Windows: %s)', (word, isWindows, said) => {
  expect(quoted(word, isWindows)).toBe(said);
});

test('a file whose name begins with a dash is no option of the command that goes on', () => {
  expect(resumeCommand('-a.csv', 'j', {})).toBe('ticket-lifecycle apply ./-a.csv --resume j');
});
