import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findRoomFaults, type Room } from '../../../.ci/rooms.ts';

const src = new URL('../src/', import.meta.url);
const order: readonly (Room | readonly Room[])[] = [
  'conformance',
  {
    name: 'entry',
    files: ['arguments.ts', 'bin.ts', 'index.ts', 'sandbox.ts', 'start-sandbox.ts'],
  },
  ['fetch', 'http'],
  'engine',
  { name: 'options', files: ['options.ts'] },
  'record',
  'faults',
  'api',
  ['limits', 'tickets'],
  'ground',
];

test('imports between rooms run one way', () => {
  expect(findRoomFaults(src, order)).toEqual([]);
});

test('an import upwards is named', () => {
  const copy = mkdtempSync(join(tmpdir(), 'sandbox-rooms-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(src, copy, { recursive: true });
  writeFileSync(join(copy, 'limits/new-limit.ts'), "import '../engine/engine.ts';");
  expect(findRoomFaults(pathToFileURL(`${copy}/`), order)).toEqual([
    'limits/new-limit.ts imports engine/engine.ts, but limits may import only: ground.',
  ]);
});

test('the sandbox shares no code with the packages that it tests', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  const imported = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(new URL(file, src), 'utf8').match(/^import .*? from '[^.'][^']*/gm),
    );
  const packages = new Set(imported.map((line) => line?.split("'").at(-1)));
  expect([...packages].filter((name) => name !== undefined && !name.startsWith('node:'))).toEqual([
    'zod',
  ]);
});
