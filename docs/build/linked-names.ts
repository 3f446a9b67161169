import { existsSync, readFileSync } from 'node:fs';
import type { MarkdownRenderer } from 'vitepress';
import { docsDir } from './places.ts';

interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly SidebarItem[];
}

const sidebarFile = `${docsDir}api/typedoc-sidebar.json`;

/** The tree of the reference: entry points, their tasks, and the exports of each. */
export const referenceTree: readonly SidebarItem[] = existsSync(sidebarFile)
  ? (JSON.parse(readFileSync(sidebarFile, 'utf8')) as SidebarItem[])
  : [];

const leavesOf = ({ text, link, items }: SidebarItem): { text: string; link: string }[] =>
  items === undefined ? (link === undefined ? [] : [{ text, link }]) : items.flatMap(leavesOf);

/** The page of each exported name. A name that two packages export has none. */
const pageOfName: ReadonlyMap<string, string> = uniqueNames(referenceTree.flatMap(leavesOf));

function uniqueNames(leaves: readonly { text: string; link: string }[]): Map<string, string> {
  const pages = new Map<string, string>();
  const twice = new Set<string>();
  for (const { text, link } of leaves) {
    if (pages.has(text)) twice.add(text);
    pages.set(text, link.replace(/\.md$/, ''));
  }
  for (const name of twice) pages.delete(name);
  return pages;
}

/** Links the first mention of an exported name on a page by hand to its page of the reference. */
export function linkNames(md: MarkdownRenderer): void {
  md.core.ruler.push('reference-links', ({ tokens, env, Token }) => {
    const { relativePath = '', isForSearch } = env as {
      relativePath?: string;
      isForSearch?: boolean;
    };
    if (relativePath.startsWith('api/') || isForSearch === true) return;
    const linked = new Set<string>();
    let isHeading = false;
    for (const { type, children } of tokens) {
      if (type === 'heading_open') isHeading = true;
      if (type === 'heading_close') isHeading = false;
      if (type !== 'inline' || isHeading || children === null) continue;
      let depth = 0;
      for (let at = 0; at < children.length; at += 1) {
        const token = children[at];
        if (token?.type === 'link_open') depth += 1;
        if (token?.type === 'link_close') depth -= 1;
        if (token?.type !== 'code_inline' || depth > 0) continue;
        const page = pageOfName.get(token.content);
        if (page === undefined || linked.has(token.content)) continue;
        linked.add(token.content);
        const open = new Token('link_open', 'a', 1);
        open.attrSet('href', page);
        open.attrSet('class', 'reference');
        children.splice(at, 1, open, token, new Token('link_close', 'a', -1));
        at += 2;
      }
    }
  });
}
