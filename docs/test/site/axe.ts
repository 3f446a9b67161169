import type Axe from 'axe-core';
import type { Page } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The checker, as a script for a page. */
export const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** What axe finds, a line each: the rule, and the first element that breaks it. */
export async function violationsOn(
  page: Page,
  rules?: readonly string[],
  place?: string,
): Promise<string[]> {
  return page.evaluate(
    async ([only, selector]) => {
      const { axe } = globalThis as unknown as { axe: typeof Axe };
      const { violations } = await axe.run(selector ?? document, {
        resultTypes: ['violations'],
        ...(only === undefined ? {} : { runOnly: [...only] }),
      });
      return violations.map(
        ({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]?.html.slice(0, 160)}`,
      );
    },
    [rules, place] as const,
  );
}
