import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findRoomFaults } from '../../../.ci/rooms.ts';

// src/README.md says what each room is for.
const order = [
  { name: 'entry', files: ['index.ts', 'client.ts', 'ids.ts', 'limiter.ts'] },
  'integrations',
  'stores',
  'http',
  'workflow',
  'tickets',
  'client',
  'request',
  'limiter',
  'ground',
];

test('each room imports only itself and the rooms below it', () => {
  expect(findRoomFaults(new URL('../src/', import.meta.url), order)).toEqual([]);
});

test('a limiter that knows of requests is named', () => {
  const src = mkdtempSync(join(tmpdir(), 'series-rooms-'));
  onTestFinished(() => rmSync(src, { recursive: true }));
  for (const room of ['limiter', 'request']) mkdirSync(join(src, room));
  writeFileSync(join(src, 'limiter/slots.ts'), "import type { Retry } from '../request/retry.ts';");
  writeFileSync(join(src, 'request/retry.ts'), '');
  writeFileSync(join(src, 'clock.ts'), '');
  expect(findRoomFaults(pathToFileURL(`${src}/`), ['request', 'limiter', 'ground'])).toEqual([
    'limiter/slots.ts imports request/retry.ts, but limiter may import only: ground.',
  ]);
});
