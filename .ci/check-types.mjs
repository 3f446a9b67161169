/*
 * Compiles a consumer of core, series, diagram and outbox that uses every entry point, with
 * `skipLibCheck: false`, as each module resolution finds them.
 *
 *   node .ci/check-types.mjs           the newest TypeScript here, against the built packages
 *   node .ci/check-types.mjs --all     TypeScript 5.4, 5.9, 6 and 7, against the packed packages
 *   node .ci/check-types.mjs --all 5.4 one of them
 *
 * `--all` packs the packages and installs them in a temporary folder, so it needs the network.
 * Both need `pnpm run build:packages` before.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../', import.meta.url).pathname;
const packages = ['core', 'series', 'diagram', 'outbox'];
const compilers = ['5.4', '5.9', '6', '7'];
const resolutions = { bundler: 'esnext', node16: 'node16', nodenext: 'nodenext' };
// What the packages take from their user, each with the types that it needs.
const peers = ['xstate', 'zod', 'vitest', '@opentelemetry/api'];

const manifestOf = (name) =>
  JSON.parse(readFileSync(`${root}packages/${name}/package.json`, 'utf8'));
const entries = packages.flatMap((name) =>
  Object.keys(manifestOf(name).publishConfig.exports)
    .filter((path) => path !== './package.json')
    .map((path) => `@ticket-lifecycle/${name}${path.slice(1)}`),
);

const [mode, only] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'types-'));
try {
  writeConsumer();
  const tried = mode === '--all' ? installAll(only) : linkHere();
  // node16 differs from nodenext in the age of its rules; one of them is enough for every day.
  const modes = Object.keys(resolutions).filter((one) => mode === '--all' || one !== 'node16');
  const failed = tried.flatMap(([name, tsc]) =>
    modes.filter((resolution) => !compiles(name, tsc, resolution)),
  );
  console.log(`${entries.length} entry points`);
  process.exitCode = failed.length === 0 && tried.length > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function writeConsumer() {
  const all = entries.map((entry, at) => `import * as entry${at} from '${entry}';`);
  const names = entries.map((_, at) => `entry${at}`).join(', ');
  // As text, because only a consumer's own folder resolves what it imports.
  const sample = readFileSync(new URL('consumer.ts.txt', import.meta.url), 'utf8');
  writeFileSync(
    join(folder, 'entries.ts'),
    `${all.join('\n')}\nexport const entries = [${names}];\n`,
  );
  writeFileSync(join(folder, 'consumer.ts'), sample);
}

/** The packages as they lie here, with what they were built with. */
function linkHere() {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@ticket-lifecycle'), { recursive: true });
  mkdirSync(join(modules, '@opentelemetry'));
  for (const name of packages) {
    symlinkSync(`${root}packages/${name}`, join(modules, '@ticket-lifecycle', name));
  }
  for (const peer of peers) {
    const owner = peer.startsWith('@') ? 'series' : 'core';
    symlinkSync(`${root}packages/${owner}/node_modules/${peer}`, join(modules, peer));
  }
  mkdirSync(join(modules, '@types'));
  symlinkSync(`${root}node_modules/@types/node`, join(modules, '@types', 'node'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return [['TypeScript here', `${root}node_modules/typescript/bin/tsc`]];
}

/** The packages as a user gets them, beside each TypeScript. */
function installAll(version) {
  for (const name of packages) {
    execFileSync('pnpm', ['pack', '--pack-destination', folder], {
      cwd: `${root}packages/${name}`,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  const packed = Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.tgz'))
      .map((file) => [`@ticket-lifecycle/${/lifecycle-(\w+)-/.exec(file)?.[1]}`, `file:./${file}`]),
  );
  const { devDependencies } = manifestOf('core');
  const wanted = compilers.filter((one) => version === undefined || one === version);
  const aliases = wanted.map((one) => [`typescript-${one}`, `npm:typescript@${one}`]);
  const manifest = {
    type: 'module',
    private: true,
    dependencies: {
      ...packed,
      ...Object.fromEntries(peers.map((peer) => [peer, devDependencies[peer] ?? '*'])),
      '@types/node': '24',
      ...Object.fromEntries(aliases),
    },
    overrides: packed,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
  return aliases.map(([alias]) => [alias, join(folder, 'node_modules', alias, 'bin', 'tsc')]);
}

function compiles(name, tsc, moduleResolution) {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    target: 'es2022',
    lib: ['esnext', 'dom', 'dom.iterable'],
    module: resolutions[moduleResolution],
    moduleResolution,
    types: ['node'],
  };
  const files = ['entries.ts', 'consumer.ts'];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { stdout, status } = spawnSync('node', [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter((line) => /error TS\d+/.test(line));
  // A fault inside another library is not ours, as long as what we build on it compiles.
  const foreign = lines.filter((line) => /node_modules\/(?!@ticket-lifecycle)/.test(line));
  const own = lines.filter((line) => !foreign.includes(line));
  const isRun = status === 0 || lines.length > 0;
  const passes = own.length === 0 && isRun;
  const note = foreign.length === 0 ? '' : `, ${foreign.length} faults inside other libraries`;
  console.log(`${passes ? 'passes' : 'FAILS'}: ${name}, ${moduleResolution}${note}`);
  for (const line of own) console.log(`  ${line}`);
  if (!isRun) console.log(stdout);
  if (process.env.SHOW_FOREIGN) for (const line of foreign) console.log(`  (${line})`);
  return passes;
}
