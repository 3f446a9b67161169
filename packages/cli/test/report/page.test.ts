import { expect, test } from 'vitest';
import { table } from '../../src/report/page.ts';

test('an id or a state in a table is not broken at its hyphen, and a long text is', () => {
  const html = table(['ticket', 'why', 'rows'], [['TICKET-10', 'two words', '7']], ['rows']);
  expect(html).toContain(
    '<td class="word">TICKET-10</td><td>two words</td><td class="number">7</td>',
  );
  expect(table(['ticket'], [['x'.repeat(300)]])).toContain(`<td>${'x'.repeat(300)}</td>`);
});
