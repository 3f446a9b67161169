/*
 * Runs core's tests with the oldest and the newest of each peer range.
 *
 *   node .ci/check-peers.mjs              all combinations
 *   node .ci/check-peers.mjs 5.28.0 4.0.0 one of xstate and one of zod
 *
 * Each combination gets a temporary folder with core's sources and tests, and its own installed
 * packages, so nothing of this repository's node_modules is used.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const core = new URL('../packages/core/', import.meta.url).pathname;
const { devDependencies, dependencies, peerDependencies, ...manifest } = JSON.parse(
  readFileSync(`${core}package.json`, 'utf8'),
);
const root = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
// These judge the repository, not what runs on a version of a peer.
const skipped = ['rooms', 'bundle', 'examples', 'desks', 'purity'].map(
  (name) => `test/${name}.test.ts`,
);
const oldest = (range) => /\d+\.\d+\.\d+/.exec(range)[0];
const rangeOf = (name) => peerDependencies[name] ?? dependencies[name];
const [xstate, zod] = process.argv.slice(2);
const combinations =
  xstate === undefined
    ? [oldest(rangeOf('xstate')), 'latest'].flatMap((x) =>
        [oldest(rangeOf('zod')), 'latest'].map((z) => ({ xstate: x, zod: z })),
      )
    : [{ xstate, zod: zod ?? 'latest' }];

const failed = combinations.filter((peers) => !passes(peers));
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(peers) {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  const name = `xstate ${peers.xstate}, zod ${peers.zod}`;
  try {
    const base = new URL('../tsconfig.base.json', import.meta.url).pathname;
    cpSync(base, join(folder, 'tsconfig.json'));
    for (const part of ['src', 'test', 'examples']) {
      cpSync(`${core}${part}`, join(folder, part), { recursive: true });
    }
    const { vitest, typescript } = root.devDependencies;
    const tools = { 'fast-check': root.devDependencies['fast-check'], vitest, typescript };
    const all = { ...dependencies, ...devDependencies, ...tools, ...peers };
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ ...manifest, scripts: {}, dependencies: all }),
    );
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'inherit',
    });
    const flags = skipped.flatMap((file) => ['--exclude', file]);
    const { status } = spawnSync('npx', ['vitest', 'run', '--maxWorkers=1', ...flags], {
      cwd: folder,
      stdio: 'inherit',
    });
    console.log(`${status === 0 ? 'passes' : 'FAILS'}: ${name}`);
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
