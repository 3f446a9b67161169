import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findRoomFaults } from '../../../.ci/rooms.ts';

const src = new URL('../src/', import.meta.url);
const order = [
  { name: 'entry', files: ['index.ts'] },
  ['pages', 'png', 'element'],
  ['markdown', 'files'],
  ['mermaid', 'dot', 'svg'],
  'picture',
  'ground',
];

test('imports between the rooms run one way', () => {
  expect(findRoomFaults(src, order)).toEqual([]);
});

test('an import from one format into another is named', () => {
  const copy = mkdtempSync(join(tmpdir(), 'diagram-rooms-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(src, copy, { recursive: true });
  writeFileSync(join(copy, 'svg/tooltip.ts'), "import type { toDot } from '../dot/dot.ts';");
  expect(findRoomFaults(pathToFileURL(`${copy}/`), order)).toEqual([
    'svg/tooltip.ts imports dot/dot.ts, but svg may import only: picture, ground.',
  ]);
});
