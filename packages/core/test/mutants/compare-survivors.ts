// Compares the survivors of the last mutation run with those that mutants.md lists. What differs is
// printed as it would stand there, and makes the run fail.
import { readFileSync } from 'node:fs';

interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is read of Stryker's report. */
interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string;
        readonly mutants: readonly {
          readonly status: string;
          readonly replacement: string;
          readonly location: { readonly start: Place; readonly end: Place };
        }[];
      }
    >
  >;
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const report: Report = JSON.parse(read('../../.stryker/report.json'));

const counts = new Map<string, number>();
const survivors = new Set<string>();
for (const [file, { source, mutants }] of Object.entries(report.files)) {
  const lines = source.split('\n');
  for (const { status, replacement, location } of mutants) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
    if (status !== 'Survived' && status !== 'NoCoverage') continue;
    const { start, end } = location;
    // By its text and not by its place: code that only moves keeps its verdict.
    const before = (lines[start.line - 1] ?? '').slice(0, start.column - 1);
    const after = (lines[end.line - 1] ?? '').slice(end.column - 1);
    const original = lines.slice(start.line - 1, end.line).join(' ');
    survivors.add(keyOf(file, original, before + replacement + after));
  }
}

const judged = new Set<string>();
const unjudged: string[] = [];
let file = '';
let original = '';
for (const part of read('mutants.md').split(/^(?=## |```diff)/m)) {
  file = /^## (\S+)/.exec(part)?.[1] ?? file;
  const [, diff, verdict] = /^```diff\n(.*?)```\s*(.*)/s.exec(part) ?? [];
  if (diff === undefined) continue;
  for (const line of diff.trimEnd().split('\n')) {
    if (line.startsWith('-')) original = line.slice(1);
    else judged.add(keyOf(file, original, line.slice(1)));
  }
  if (!/^(?:Equivalent|Accepted): \S/.test(verdict ?? '')) unjudged.push(`${file}\n${diff}`);
}

function keyOf(path: string, before: string, after: string): string {
  const flat = (code: string) => code.replaceAll(/\s+/g, ' ').trim();
  return `## ${path}\n\n\`\`\`diff\n-${flat(before)}\n+${flat(after)}\n\`\`\`\n`;
}

console.log([...counts].map(([status, count]) => `${status} ${count}`).join(', '));
tell(
  'These survive, and mutants.md does not list them:',
  [...survivors].filter((one) => !judged.has(one)),
);
tell(
  'These are listed in mutants.md, and do not survive:',
  [...judged].filter((one) => !survivors.has(one)),
);
tell('These are listed in mutants.md without a verdict (Equivalent: or Accepted:):', unjudged);

function tell(what: string, mutants: readonly string[]): void {
  if (mutants.length === 0) return;
  console.error(`\n${what}\n\n${mutants.join('\n')}`);
  process.exitCode = 1;
}
