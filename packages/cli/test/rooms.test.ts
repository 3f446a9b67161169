import { expect, test } from 'vitest';
import { findRoomFaults } from '../../../.ci/rooms.ts';

// src/README.md says what each room is for.
const order = [
  { name: 'entry', files: ['bin.ts', 'program.ts'] },
  'commands',
  'report',
  'histories',
  'bulk',
  'journal',
  ['lifecycle', 'api'],
  'rows',
  'terminal',
  'ground',
];

test('each room imports only itself and the rooms below it', () => {
  expect(findRoomFaults(new URL('../src/', import.meta.url), order)).toEqual([]);
});
