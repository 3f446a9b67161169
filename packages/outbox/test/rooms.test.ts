import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findRoomFaults, type Room } from '../../../.ci/rooms.ts';

const src = new URL('../src/', import.meta.url);
const order: readonly (Room | readonly Room[])[] = [
  { name: 'entry', files: ['index.ts', 'metrics.ts'] },
  ['memory', 'series', 'sql'],
  { name: 'assembly', files: ['create-outbox.ts'] },
  'worker',
  'model',
  'ground',
];

test('imports between rooms run one way', () => {
  expect(findRoomFaults(src, order)).toEqual([]);
});

test('an import upwards is named', () => {
  const copy = mkdtempSync(join(tmpdir(), 'outbox-rooms-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(src, copy, { recursive: true });
  writeFileSync(join(copy, 'worker/new-step.ts'), "import '../sql/database.ts';");
  expect(findRoomFaults(pathToFileURL(`${copy}/`), order)).toEqual([
    'worker/new-step.ts imports sql/database.ts, but worker may import only: model, ground.',
  ]);
});
