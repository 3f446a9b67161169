import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A ```ts block of a Markdown file, or of an `@example` in a TypeScript file. */
export interface Example {
  readonly file: string;
  /** Line of its first line of code in the file, from 1. */
  readonly line: number;
  readonly code: string;
}

/** What a line of an example says that it prints. */
interface Promised {
  /** Line of the `console.log` in the example, from 1. */
  readonly line: number;
  readonly text: string;
}

const openingFence = /^(?<indent>\s*)```ts\s*$/;
const longestRunMs = 300_000;
// What one example has compiled, the hundred others need not compile again.
const compileCache = join(tmpdir(), 'ticket-lifecycle-compile-cache');

/** Reads the examples of a file, in order. */
export async function examplesOf(file: string): Promise<Example[]> {
  const text = await readFile(file, 'utf8');
  return file.endsWith('.md') ? examplesOfMarkdown(file, text) : examplesOfSource(file, text);
}

function examplesOfMarkdown(file: string, text: string): Example[] {
  return blocksOf(text.split('\n')).map(({ start, lines }) => ({
    file,
    line: start + 1,
    code: lines.join('\n'),
  }));
}

// Only what follows an @example runs: a block that merely illustrates may be a fragment.
function examplesOfSource(file: string, text: string): Example[] {
  const examples: Example[] = [];
  for (const { 0: comment, index } of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const firstLine = text.slice(0, index).split('\n').length;
    const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
    const tag = lines.findIndex((line) => line.startsWith('@example'));
    if (tag === -1) continue;
    for (const { start, lines: code } of blocksOf(lines)) {
      if (start > tag) examples.push({ file, line: firstLine + start, code: code.join('\n') });
    }
  }
  return examples;
}

function blocksOf(lines: readonly string[]): { start: number; lines: string[] }[] {
  const blocks: { start: number; lines: string[] }[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const indent = openingFence.exec(lines[at] ?? '')?.groups?.['indent'];
    if (indent === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, at);
    if (end === -1) throw new Error(`A \`\`\`ts block never ends: ${lines[at + 1]}`);
    const inside = lines.slice(at + 1, end);
    blocks.push({ start: at + 1, lines: inside.map((line) => line.slice(indent.length)) });
    at = end;
  }
  return blocks;
}

/**
 * What each `console.log(…)` prints, as the comment says: behind it, or in lines of its own below it,
 * `// → text`, which go on in `//   text`. Each with the line on which its call begins.
 */
function promisesOf(code: string): Promised[] {
  const promises: Promised[] = [];
  let call = 0;
  let ended = 0;
  for (const [index, line] of code.split('\n').entries()) {
    const below = /^\s*\/\/ (?<mark>→| ) (?<text>.*\S)\s*$/.exec(line)?.groups;
    if (below !== undefined && ended > 0) {
      const { mark: first, text = '' } = below;
      const last = promises.at(-1);
      if (first === '→') promises.push({ line: ended, text });
      else if (last?.line === ended)
        promises.splice(-1, 1, { line: ended, text: `${last.text} ${text}` });
      continue;
    }
    ended = 0;
    if (line.includes('console.log(')) call = index + 1;
    const text = /\);? \/\/ (?<text>.*\S)\s*$/.exec(line)?.groups?.['text'];
    if (text !== undefined && call > 0) promises.push({ line: call, text });
    if (/\);?(?:\s*\/\/.*)?$/.test(line)) {
      ended = call;
      call = 0;
    }
  }
  return promises;
}

// Types are stripped in place, so a stack names the example's own lines. The mark can't be typed.
const mark = '\u0001';
const markLines = `
  const { log } = console;
  const { format } = await import('node:util');
  console.log = (...values) => {
    const line = /\\[eval\\d*\\]:(\\d+)/.exec(new Error().stack)?.[1] ?? 0;
    log('${mark}' + line + '${mark}' + format(...values));
  };
`;

/**
 * Runs an example as a module that lies in a package, so that its imports resolve as they would
 * for the package itself, from source. Rejects when it throws, hangs, or prints on a line other
 * than what the comment behind that line says.
 */
export async function run(example: Example, packageDir: string): Promise<void> {
  const place = `${example.file}:${example.line}`;
  const { code, stdout, stderr } = await runModule(example.code, packageDir);
  if (code !== 0) throw new Error(`The example at ${place} fails:\n${stderr}`);

  const printed = new Map<number, string[]>();
  for (const piece of stdout.split(new RegExp(`(?=${mark}\\d+${mark})`))) {
    const [, line = '0', text = ''] = piece.split(mark);
    printed.set(Number(line), [...(printed.get(Number(line)) ?? []), text]);
  }
  for (const { line, text } of promisesOf(example.code)) {
    // A long value is printed on several lines, and its comment stands on one.
    const seen = (printed.get(line) ?? ['(nothing)']).join(' ').replaceAll(/\s+/g, ' ').trim();
    if (seen !== text) {
      throw new Error(
        `The example at ${place} prints on its line ${line}:\n${seen}\nnot:\n${text}`,
      );
    }
  }
}

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

// By standard input, so that nothing has to be written into the package and removed again.
async function runModule(code: string, packageDir: string): Promise<Ending> {
  const child = spawn(
    process.execPath,
    [
      '--no-warnings',
      '--conditions=@ticket-lifecycle/source',
      '--input-type=module-typescript',
      `--import=data:text/javascript,${encodeURIComponent(markLines)}`,
      '-',
    ],
    {
      cwd: packageDir,
      timeout: longestRunMs,
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(code);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ code: exitCode, stdout, stderr }));
  });
}
