import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { docsDir, rootDir } from '../build/places.ts';

interface Manifest {
  readonly name: string;
  readonly private?: true;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

const manifests = globSync('packages/*/package.json', { cwd: rootDir })
  .map((path) => JSON.parse(readFileSync(rootDir + path, 'utf8')) as Manifest)
  .filter((manifest) => manifest.private !== true);
const entries = manifests.flatMap(({ name, exports }) =>
  Object.keys(exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => name + entry.slice(1)),
);

test('no package has a script that runs when it is installed', () => {
  expect(manifests.length).toBe(6);
  const scripts = manifests.flatMap((manifest) => Object.keys(manifest.scripts ?? {}));
  expect(scripts.filter((name) => /^(?:pre|post)?install$|^prepare$/.test(name))).toEqual([]);
});

/** Node.js refuses a program that writes a file or starts a process or a thread. */
function runAlone(code: string) {
  const permitted = ['--permission', '--allow-fs-read=*', '--conditions=@ticket-lifecycle/source'];
  const args = [...permitted, '--no-warnings', '--input-type=module', '--eval', code];
  return spawnSync(process.execPath, args, { cwd: docsDir, encoding: 'utf8' });
}

test('importing a package writes no file, starts no process, and keeps nothing running', () => {
  expect(entries.length).toBeGreaterThan(15);
  // The element is for a browser, and one entry is for the tests of an app.
  const outside = ['@ticket-lifecycle/diagram/element'];
  const imports = entries
    .filter((entry) => !outside.includes(entry))
    .map((entry) => `await import(${JSON.stringify(entry)});`);
  const count = 'console.log(process.getActiveResourcesInfo().includes("Timeout"));';
  const { status, stdout, stderr } = runAlone([...imports, count].join('\n'));
  expect([stderr, stdout, status]).toEqual(['', 'false\n', 0]);
});

test('a program that writes would be refused', () => {
  const { status, stderr } = runAlone("(await import('node:fs')).writeFileSync('never', '');");
  expect(status).not.toBe(0);
  expect(stderr).toContain('ERR_ACCESS_DENIED');
});
