/*
 * Runs the tests of core and series with the oldest and the newest of each peer range.
 *
 *   node .ci/check-peers.mjs                     all combinations
 *   node .ci/check-peers.mjs 5.28.0 4.2.0        one of xstate and one of zod
 *   node .ci/check-peers.mjs 5.28.0 4.2.0 core   the tests of one package
 *
 * Each combination gets a temporary copy of the packages, which installs these versions for all of
 * them. Nothing of this repository's node_modules is used.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../', import.meta.url).pathname;
const { peerDependencies } = JSON.parse(readFileSync(`${root}packages/core/package.json`, 'utf8'));
// What core and series are tested with.
const copied = ['core', 'series', 'internal', 'sandbox'].map((name) => `packages/${name}`);
const settings = [
  'package.json',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  'vitest.workspace.ts',
];
// These judge the repository, not what runs on a version of a peer.
const skipped = ['rooms', 'bundle', 'examples', 'desks', 'purity', 'readme', 'size', 'hover'];
const oldest = (range) => /\d+\.\d+\.\d+/.exec(range)[0];

const [xstate, zod, only] = process.argv.slice(2);
const projects = only === undefined ? ['core', 'series'] : [only];
const combinations =
  xstate === undefined
    ? [oldest(peerDependencies.xstate), 'latest'].flatMap((x) =>
        [oldest(peerDependencies.zod), 'latest'].map((z) => ({ xstate: x, zod: z })),
      )
    : [{ xstate, zod: zod ?? 'latest' }];

const failed = combinations.filter((peers) => !passes(peers));
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(peers) {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  const name = `${projects.join(' and ')} on xstate ${peers.xstate}, zod ${peers.zod}`;
  try {
    const files = execFileSync('git', ['ls-files', '.ci', ...copied, ...settings], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of files.trim().split('\n')) cpSync(root + file, join(folder, file));
    // vitest.workspace.ts names it.
    mkdirSync(join(folder, 'docs'));
    const workspace = join(folder, 'pnpm-workspace.yaml');
    const overrides = Object.entries(peers).map(([peer, version]) => `  ${peer}: ${version}\n`);
    writeFileSync(workspace, `${readFileSync(workspace, 'utf8')}overrides:\n${overrides.join('')}`);
    execFileSync('pnpm', ['install', '--silent', '--no-frozen-lockfile', '--ignore-scripts'], {
      cwd: folder,
      stdio: 'inherit',
    });
    const flags = [
      ...projects.flatMap((project) => ['--project', project]),
      ...skipped.flatMap((test) => ['--exclude', `**/${test}.test.ts`]),
    ];
    const config = ['--config', 'vitest.workspace.ts', '--maxWorkers=1'];
    const { status } = spawnSync('pnpm', ['exec', 'vitest', 'run', ...config, ...flags], {
      cwd: folder,
      stdio: 'inherit',
    });
    console.log(`${status === 0 ? 'passes' : 'FAILS'}: ${name}`);
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
