import { readFileSync } from 'node:fs';
import { docsDir, handwrittenPages } from '../places.ts';

/** A page by hand, with what its samples import. */
interface GuidePage {
  readonly title: string;
  /** Where it is on the site. */
  readonly link: string;
  readonly imports: ReadonlySet<string>;
}

const importPattern =
  /import (?:type )?\{(?<names>[^}]*)\} from '@ticket-lifecycle\/(?<entry>[^']+)'/g;

/** What a text imports, each as `core/defineLifecycle`. */
const importsIn = (text: string): string[] =>
  [...text.matchAll(importPattern)].flatMap(({ groups = {} }) =>
    (groups['names'] ?? '')
      .split(',')
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0] ?? '',
      )
      .filter((name) => name !== '')
      .map((name) => `${groups['entry'] ?? ''}/${name}`),
  );

/** The guides, and the pages beside them, whose samples use the packages. */
function guidePages(): GuidePage[] {
  return handwrittenPages()
    .filter((page) => page !== 'index.md' && !page.startsWith('contributing/'))
    .flatMap((page) => {
      const text = readFileSync(`${docsDir}${page}`, 'utf8');
      const [, title = ''] = /^# (.+)$/m.exec(text) ?? [];
      const imports = new Set(importsIn(text));
      const link = `/${page.replace(/(index)?\.md$/, '')}`;
      return imports.size === 0 ? [] : [{ title, link, imports }];
    });
}

let pages: GuidePage[] | undefined;

/** The guides that use an export, as links in Markdown. */
export function guidesOf(entry: string, name: string): string[] {
  pages ??= guidePages();
  return pages
    .filter(({ imports }) => imports.has(`${entry}/${name}`))
    .map(({ title, link }) => `[${title}](${link})`);
}
