import { transformerTwoslash } from '@shikijs/vitepress-twoslash';
import type { MarkdownRenderer } from 'vitepress';
import { docsDir, publishedPackages } from './places.ts';
import { sampleCompilerOptions } from './sample-types.ts';

const longestHover = 260;

// What a reader looks up. Asking for every name would double the time of a build.
const namesOfNote = new Set(['outcome', 'move']);
for (const name of publishedPackages()) {
  const exported: Record<string, unknown> = await import(`@ticket-lifecycle/${name}`);
  for (const [key, value] of Object.entries(exported)) {
    if (typeof value === 'function') namesOfNote.add(key);
  }
}

/** Shows what a name in a sample is, where a reader points at it. */
export const sampleHovers = transformerTwoslash({
  twoslashOptions: {
    vfsRoot: docsDir,
    compilerOptions: sampleCompilerOptions(),
    // All samples are checked in one program before, which takes a fraction of the time.
    handbookOptions: { noErrors: true, noErrorValidation: true },
    shouldGetHoverInfo: (name) => namesOfNote.has(name),
    // A type of XState's fills a screen and says nothing; an example inside an example even less.
    filterNode(node) {
      if (node.type !== 'hover') return true;
      delete node.tags;
      if (node.docs !== undefined) node.docs = node.docs.split('\n\n')[0] ?? '';
      return node.text.length < longestHover;
    },
  },
});

interface PageEnv {
  readonly relativePath?: string;
  readonly isForSearch?: boolean;
}

/** Asks for hovers in each `ts` block of a page that is written by hand. */
export function hoverOverSamples(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  if (fence === undefined) throw new Error('The Markdown renderer has no rule for fenced blocks.');
  md.renderer.rules.fence = (tokens, index, options, env: PageEnv, self) => {
    const token = tokens[index];
    // The reference has signatures in its blocks, which are not programs.
    const isByHand = env.relativePath?.startsWith('api/') === false && env.isForSearch !== true;
    if (token !== undefined && token.info.trim() === 'ts' && isByHand) token.info = 'ts twoslash';
    return fence(tokens, index, options, env, self);
  };
}
