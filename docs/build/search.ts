import type { MarkdownEnv, MarkdownRenderer } from 'vitepress';

// Each page of the reference has these, so they tell none of them from another.
const commonHeadings =
  /^#+ (?:Parameters|Returns|Throws|Examples?|Type Parameters|Properties|Methods|Extends|Extended by|Accessors|Constructors|Call Signature|Guides|Type Declaration|Default Value)$/gm;

/** What the search knows of a page of the reference: its names and its sentences. */
const wordsOf = (source: string): string =>
  source
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/^#+ (?:Inherited from|Overrides)\n\n.*$/gm, '')
    .replaceAll(/^(?:\|.*|Part of .*|Shown in .*)$/gm, '')
    .replaceAll(commonHeadings, '');

/** A page as the search reads it. Samples are not looked into a second time for it. */
export const renderForSearch = async (
  source: string,
  env: MarkdownEnv,
  md: MarkdownRenderer,
): Promise<string> => {
  const isReference = env.relativePath.startsWith('api/');
  const text = isReference ? wordsOf(source) : source;
  return md.renderAsync(text, { ...env, isForSearch: true });
};

/** How results are ranked. The site carries it as text, so nothing outside of it may be used. */
export const searchOptions = {
  prefix: true,
  // A short word that is spelt otherwise is another word: `stale` is not `State`.
  fuzzy: (term: string) => (term.length > 6 ? 0.15 : false),
  // A word itself is worth much more than the beginning of a longer one, such as a type's name.
  weights: { fuzzy: 0.1, prefix: 0.06 },
  boost: { title: 4, text: 2, titles: 1 },
  // Guides first. But who types a name of two words or more means that name.
  boostDocument: (id: string, term: string, fields?: Readonly<Record<string, unknown>>) => {
    const title = String(fields?.['title']).replace('()', '');
    if (/[a-z][A-Z]/.test(title) && title.toLowerCase() === term.toLowerCase()) return 3;
    if (id.includes('/api/')) return 0.1;
    if (/\/(?:contributing\/(?!codes)|changelog|conformance)/.test(id)) return 0.2;
    if (id.includes('/comparison')) return 0.5;
    return id.includes('/command-line') ? 0.25 : 1;
  },
};
