import type { MarkdownRenderer } from 'vitepress';

const figures: Readonly<Record<string, string>> = { default: '', 'at-resolved': '', helpdesk: '' };

/** Puts the named diagram where a page has a block of the kind `diagram NAME`. */
export function drawDiagrams(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info = '', content = '' } = tokens[index] ?? {};
    const name = /^diagram (?<name>\S+)$/.exec(info.trim())?.groups?.['name'];
    if (name === undefined) return fence?.(tokens, index, options, env, self) ?? '';
    const svg = figures[name];
    if (svg === undefined) throw new Error(`There is no diagram "${name}".`);
    const caption = md.utils.escapeHtml(content.trim());
    return `<figure class="diagram" v-pre>${svg}<figcaption>${caption}</figcaption></figure>`;
  };
}
