import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findRoomFaults, type Room } from '../../../.ci/rooms.ts';

const src = new URL('../src/', import.meta.url);
const order: readonly (Room | readonly Room[])[] = [
  { name: 'entry', files: ['bench.ts'] },
  [
    'adversary',
    'cli',
    'core',
    'diagram',
    'faults',
    'limiter',
    'outbox',
    'overhead',
    'pressure',
    'sandbox',
    'simulate',
    'soak',
  ],
  'conformance',
  'ground',
];

test('no benchmark imports another, but for the clients of conformance', () => {
  expect(findRoomFaults(src, order)).toEqual([]);
});

test('an import from one benchmark to another is named', () => {
  const copy = mkdtempSync(join(tmpdir(), 'benchmarks-rooms-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(src, copy, { recursive: true });
  writeFileSync(join(copy, 'soak/new.ts'), "import '../outbox/run.ts';");
  expect(findRoomFaults(pathToFileURL(`${copy}/`), order)).toEqual([
    'soak/new.ts imports outbox/run.ts, but soak may import only: conformance, ground.',
  ]);
});
