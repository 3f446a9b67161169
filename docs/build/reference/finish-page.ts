import { DeclarationReflection, ReflectionKind, type PageEvent, type Reflection } from 'typedoc';
import { guidesOf } from './guides-of.ts';

// Nobody edits a page of the reference, and `edit this page` would lead to a file that is not there.
const front = '---\neditLink: false\nlastUpdated: false\n---\n\n';

/** Adds to a page what the generator does not know: where an export is from, and who shows it. */
export function finishPage(page: PageEvent): void {
  const { model } = page;
  if (page.contents === undefined || !(model instanceof DeclarationReflection)) {
    page.contents = `${front}${page.contents ?? ''}`;
    return;
  }
  const text = model.kindOf(ReflectionKind.Module)
    ? withShortTypes(withTableOfOthers(page.contents, model), model)
    : model.parent?.kind === ReflectionKind.Module
      ? withItsPlace(page.contents, model)
      : withItsOwner(page.contents, model);
  // A line between two parts of a page says nothing that their headings do not.
  page.contents = `${front}${text.replaceAll('\n***\n\n', '')}`;
}

/** A method's page, with the way to what it is a method of. */
function withItsOwner(text: string, { name, parent, kind }: DeclarationReflection): string {
  if (kind !== ReflectionKind.Method || parent === undefined) return text;
  const owner = parent.name;
  // `[iterator]()` would be a link.
  const shown = name.replaceAll(/[[\]]/g, '\\$&');
  return text.replace(
    /^# .*$/m,
    `# ${owner}.${shown}()\n\nA method of [${owner}](../${owner}.md).`,
  );
}

const hasMethods = ({ children, kind }: DeclarationReflection) =>
  kind === ReflectionKind.Interface &&
  children?.some((child) => child.kind === ReflectionKind.Method) === true;

/** Types that are plain data, in one line below the table that begins with what can be called. */
function withShortTypes(text: string, entry: DeclarationReflection): string {
  const shown = new Set(entry.children?.filter(hasMethods).map(({ name }) => name));
  return text.replaceAll(/^\| Name .*\n\| -.*\n(?:\|.*\n?)+/gm, (table) => {
    const [head = '', line = '', ...rows] = table.trimEnd().split('\n');
    const isShort = (row: string) => {
      const [, name = ''] = /\]\((?:[^)]*\/)?types\/(\w+)\.md\)/.exec(row) ?? [];
      return name !== '' && !shown.has(name);
    };
    const links = rows.filter(isShort).map((row) => (/\[\w+\]\([^)]+\)/.exec(row) ?? [''])[0]);
    const long = rows.filter((row) => !isShort(row));
    // A table of types alone says what each is: there are few of them, or nothing else to show.
    if (long.length === 0) return table;
    const types = links.length === 0 ? '' : `\nTypes: ${links.join(', ')}.\n`;
    return `${[head, line, ...long].join('\n')}\n${types}`;
  });
}

const isType = (exported: Reflection) =>
  exported.kindOf(ReflectionKind.Interface | ReflectionKind.TypeAlias);

function withItsPlace(text: string, exported: DeclarationReflection): string {
  const entry = exported.parent?.name ?? '';
  const importLine = `import ${isType(exported) ? 'type ' : ''}{ ${exported.name} } from '@ticket-lifecycle/${entry}';`;
  const guides = guidesOf(entry, exported.name);
  const seen = guides.length === 0 ? '' : `\n## Guides\n\nShown in ${guides.join(', ')}.\n`;
  const home = `[@ticket-lifecycle/${entry}](${isType(exported) ? '../' : './'}index.md)`;
  const [title = '', ...rest] = text.trimEnd().split('\n');
  return [title, '', `Part of ${home}.`, '', '```ts', importLine, '```', ...rest, seen].join('\n');
}

/** What an entry point exports a second time, in a table as its other exports are. */
function withTableOfOthers(text: string, entry: DeclarationReflection): string {
  const [before = '', others] = text.split('\n## References\n');
  if (others === undefined) return text;
  const links = new Map(
    Array.from(others.matchAll(/Re-exports \[(\w+)\]\(([^)]+)\)/g), ([, name = '', link = '']) => [
      name,
      link,
    ]),
  );
  const rows = [...links].map(
    ([name, link]) => `| [${name}](${link}) | ${sentenceOf(entry, name)} |`,
  );
  const head = before.includes('\n## ') ? 'Exported here as well' : 'Exports';
  return [before, `## ${head}`, '', '| Name | Description |', '| --- | --- |', ...rows].join('\n');
}

/** The first sentence about something that is exported a second time. */
function sentenceOf(entry: DeclarationReflection, name: string): string {
  const reference = entry.children?.find((child) => child.name === name);
  const target =
    reference?.isReference() === true ? reference.tryGetTargetReflectionDeep() : undefined;
  if (!(target instanceof DeclarationReflection)) return '';
  const comment = target.comment ?? target.signatures?.[0]?.comment;
  const [paragraph = ''] = (comment?.summary ?? [])
    .map(({ text }) => text)
    .join('')
    .split('\n\n');
  return paragraph.replaceAll('\n', ' ').replaceAll('|', '\\|');
}
