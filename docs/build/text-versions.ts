import { readFile, writeFile } from 'node:fs/promises';
import type { SiteConfig } from 'vitepress';
import { figuresText } from './figures.ts';
import { notOnNpm } from './install-tabs.ts';
import { fileOf, pageText } from './page-text.ts';
import { diagramText } from './pictures.ts';
import { docsDir } from './places.ts';
import { plots } from './plots.ts';
import { siteParts } from './site-map.ts';

/** Where the site will be: what `SITE_URL` says, or the address at which `npm run docs` serves it. */
export const siteUrl = process.env['SITE_URL'] ?? 'http://127.0.0.1:4173/';

const summary =
  'Checks each status change of a support ticket against a state machine, sends the allowed ones to the Series HR ticket API inside its limit of 25 requests per second, and tells you how each one ended.';

/** The home page, which no sidebar lists. */
const home = '/';

/** What the site draws, as tables, lists and Mermaid; throws for a name that nothing has. */
export function textOfDrawing(kind: string, name: string): string {
  if (kind === 'figures') return figuresText();
  const text = kind === 'plot' ? plots[name]?.text : diagramText(name);
  if (text === undefined) throw new Error(`There is no ${kind} "${name}".`);
  return text;
}

/** The pages as a list for programs that read text: <https://llmstxt.org>. */
export function llmsText(): string {
  const parts = siteParts.map(({ text, items }) => {
    const lines = items.map(
      (page) =>
        `- [${page.text}](${new URL(`${fileOf(page.link)}.html`, siteUrl).href}): ${page.about}`,
    );
    return `## ${text}\n\n${lines.join('\n')}\n`;
  });
  return `# ticket-lifecycle\n\n> ${summary}\n\nAll of it in one file: [llms-full.txt](${new URL('llms-full.txt', siteUrl).href})\n\n${parts.join('\n')}`;
}

/** The home page and every page of the sidebar in one text, as Markdown. */
export async function llmsFullText(): Promise<string> {
  const links = [home, ...siteParts.flatMap(({ items }) => items.map(({ link }) => link))];
  const texts = await Promise.all(
    links.map(async (link) => {
      const markdown = await readFile(`${docsDir}${fileOf(link)}.md`, 'utf8');
      return `<!-- ${link} -->\n\n${pageText(markdown, link, textOfDrawing)}\n`;
    }),
  );
  return `> ${summary}\n\n${pageText(notOnNpm, home, textOfDrawing)}\n\n${texts.join('\n')}`;
}

/** Writes what programs read instead of the pages. */
export async function writeTextVersions({ outDir }: SiteConfig): Promise<void> {
  await writeFile(`${outDir}/llms.txt`, llmsText());
  await writeFile(`${outDir}/llms-full.txt`, await llmsFullText());
}
