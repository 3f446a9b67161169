import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findRoomFaults } from '../../../.ci/rooms.ts';

test('imports between the rooms of core run one way', () => {
  const order = [
    [{ name: 'entry', files: ['index.ts'] }, 'testing'],
    'compare',
    'lifecycle',
    'sla',
    'queries',
    'definition',
    'ground',
  ];
  expect(findRoomFaults(new URL('../src/', import.meta.url), order)).toEqual([]);
});

describe('the check of the rooms', () => {
  const order = [{ name: 'entry', files: ['index.ts'] }, ['left', 'right'], 'ground'];
  const sound = {
    'index.ts': "export { left } from './left/left.ts';\nimport './right/right.ts';",
    'left/left.ts': "import {\n  type Word,\n} from '../word.ts';",
    'left/lazy.ts': "export const later = () => import('../word.ts');",
    'right/right.ts': "import type { Word } from '../word.ts';",
    'word.ts': 'export type Word = string;',
  };

  test('finds nothing where each room imports the rooms below it', () => {
    expect(faultsOf(sound)).toEqual([]);
  });

  test.each([
    ["import type { Left } from './left/left.ts';"],
    ["export * from './left/left.ts';"],
    ["export const left = () => import('./left/left.ts');"],
    ["export type Left = import('./left/left.ts').Left;"],
    ["import {\n  a,\n  type b,\n} from './left/left.ts';"],
    ["import './left/left.ts';"],
  ])('names both files of an arrow that goes up: %j', (text) => {
    expect(faultsOf({ ...sound, 'ground.ts': text })).toEqual([
      'ground.ts imports left/left.ts, but ground may import no other room.',
    ]);
  });

  test('forbids arrows between rooms that stand side by side', () => {
    const files = { ...sound, 'right/right.ts': "import '../left/left.ts';" };
    expect(faultsOf(files)).toEqual([
      'right/right.ts imports left/left.ts, but right may import only: ground.',
    ]);
  });

  test('sees a circle that only types close', () => {
    const files = {
      'left/a.ts': "import { b } from './b.ts';",
      'left/b.ts': "import { c } from './c.ts';",
      'left/c.ts': "import type { A } from './a.ts';",
    };
    expect(faultsOf({ ...sound, ...files })).toEqual([
      'These files import each other: left/a.ts, left/b.ts, left/c.ts.',
    ]);
  });

  test('sees a folder that has grown too big', () => {
    const many = Array.from({ length: 21 }, (_, index) => [`right/r${index}.ts`, ''] as const);
    expect(faultsOf({ ...sound, ...Object.fromEntries(many) })).toEqual([
      'right holds 22 files. At most 20 may stay flat.',
    ]);
  });

  test('sees rooms and files that the order does not name, or names in vain', () => {
    const { 'left/left.ts': _left, 'left/lazy.ts': _lazy, 'index.ts': _index, ...rest } = sound;
    expect(faultsOf({ ...rest, 'attic/old.ts': '' })).toEqual([
      'The order of the rooms does not name attic.',
      'The order of the rooms names entry, which has no files.',
      'The order of the rooms names left, which has no files.',
      'The order of the rooms names index.ts, which does not exist.',
    ]);
  });

  function faultsOf(files: Readonly<Record<string, string>>): string[] {
    const root = mkdtempSync(join(tmpdir(), 'rooms-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return findRoomFaults(pathToFileURL(`${root}/`), order);
  }
});
