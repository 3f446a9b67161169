import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { exitCodes } from '../../packages/cli/src/exit-code.ts';
import { docsDir } from '../build/places.ts';
import { sampleCompilerOptions } from '../build/sample-types.ts';

const page = readFileSync(`${docsDir}contributing/codes.md`, 'utf8');

/** The cells of the table below a heading, without its head. */
function rowsOf(heading: string): string[][] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** Which type each table lists, by the heading above the table. */
const tables = {
  'Blocker codes of a lifecycle': `import('@ticket-lifecycle/core').LifecycleBlockerCode`,
  'Definition fault codes': `import('@ticket-lifecycle/core').DefinitionFaultCode`,
  'Blocker codes of the adapter': `import('@ticket-lifecycle/series').AdapterBlockerCode`,
  'Refusal codes': `import('@ticket-lifecycle/series').RefusalCode`,
  'Reasons for not-sent': `import('@ticket-lifecycle/series').NotSentReason`,
  'Reasons for unknown': `import('@ticket-lifecycle/series').UnknownReason`,
  'Diagram error codes': `import('@ticket-lifecycle/diagram').DiagramErrorCode`,
  'Workflow events': `import('@ticket-lifecycle/series').WorkflowEvent['type']`,
};

/** The members of each union of strings, by its heading, as the compiler sees them. */
function unionsOf(types: Readonly<Record<string, string>>): Map<string, string[]> {
  const path = `${docsDir}codes-of-the-source.ts`;
  const headings = Object.keys(types);
  const code = headings.map((heading, at) => `export type T${at} = ${types[heading]};`).join('\n');
  const options = sampleCompilerOptions();
  const host = ts.createCompilerHost(options);
  host.fileExists = (file) => file === path || ts.sys.fileExists(file);
  host.readFile = (file) => (file === path ? code : ts.sys.readFile(file));
  const program = ts.createProgram([path], options, host);
  const checker = program.getTypeChecker();
  const aliases = program.getSourceFile(path)?.statements.filter(ts.isTypeAliasDeclaration) ?? [];
  return new Map(
    aliases.map((alias, at) => {
      const type = checker.getTypeAtLocation(alias);
      const members = type.isUnion() ? type.types : [type];
      const literals = members.filter((member) => member.isStringLiteral());
      return [headings[at] ?? '', literals.map(({ value }) => value).toSorted()];
    }),
  );
}

const madeUp = `'a' | import('@ticket-lifecycle/series').Delivery`;
const unions = unionsOf({ ...tables, 'Made up': madeUp });

test.each(Object.keys(tables))('the page and the source have the same: %s', (heading) => {
  const listed = rowsOf(heading).map(([code = '']) => code);
  expect(listed.toSorted()).toEqual(unions.get(heading));
  expect(listed.length).toBeGreaterThan(4);
});

test('the guide has every exit code of the source', () => {
  const guide = readFileSync(`${docsDir}guides/bulk.md`, 'utf8');
  const listed = [...guide.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  expect(new Set(listed)).toEqual(new Set(Object.values(exitCodes)));
});

test('the members of a union are those that the compiler sees', () => {
  expect(unions.get('Made up')).toEqual(['a', 'not-sent', 'refused', 'unknown']);
});
