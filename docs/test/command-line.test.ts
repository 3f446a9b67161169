import { expect, test } from 'vitest';
import { commandLinePage } from '../build/command-line.ts';

test('the page of the command line has every command, those below others too, and every topic', async () => {
  const page = await commandLinePage();
  const headings = Array.from(page.matchAll(/^## (.+)$/gm), ([, heading]) => heading);
  expect(headings).toEqual(
    expect.arrayContaining([
      'apply',
      'replay',
      'mcp',
      'doctor',
      'completion',
      'outbox status',
      'outbox redrive',
      // A name of two words is one command.
      'outbox give-back',
      'exit-codes',
      'formats',
    ]),
  );
  expect(new Set(headings).size).toBe(headings.length);
  expect(page).toContain('--dry-run');
  expect(page).not.toContain('undefined');
});
