/*
 * Tries the built packages as users load them: ES modules, `require`, bundled by esbuild and
 * webpack, and in workerd with and without its Node.js compatibility.
 *
 *   pnpm run build:packages && node .ci/check-bundles.mjs
 *
 * The packages are packed and installed in a temporary folder, with the tools below. Each way runs
 * one program, which makes a change against a sandbox over HTTP.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const tools = { esbuild: '0.28.2', webpack: '5.113.0', miniflare: '4.20260730.0' };
const repository = new URL('..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
const file = (name) => join(folder, name);

const program = `import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSeriesClient, createTicketWorkflow, toResponse } from '@ticket-lifecycle/series';
import { createSeriesClient as createClientAlone } from '@ticket-lifecycle/series/client';
export async function run(baseUrl, ticketId, fetch) {
  const options = { apiKey: 'key', baseUrl, ...(fetch === undefined ? {} : { fetch }) };
  const client = createSeriesClient(options);
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
  const response = await toResponse(workflow.apply(ticketId, 'START', { staffUserId: 7 }));
  const { rateLimiter } = client;
  const ticket = await createClientAlone({ ...options, rateLimiter }).getTicket(ticketId);
  return response.status + ' ' + ticket.status;
}
`;
const right = '200 in-progress';

const fails = [];
try {
  install();
  const { startSandbox } = await import(pathOf('@ticket-lifecycle/sandbox'));
  const server = await startSandbox();
  const ways = { modules, require: required, esbuild, webpack, workerd };
  for (const [name, way] of Object.entries(ways)) {
    for (const [detail, run] of Object.entries(await way())) {
      const ticketId = `T-${name}-${detail.replaceAll(' ', '-')}`;
      server.sandbox.tickets.add({ ticketId });
      const said = await run(server.url, ticketId).catch((error) => String(error));
      const isRight = said === right;
      if (!isRight) fails.push(name);
      console.log(`${isRight ? 'works' : 'FAILS'}: ${name} ${detail}${isRight ? '' : `: ${said}`}`);
    }
  }
  await server.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(fails.length === 0 ? 0 : 1);

function install() {
  for (const name of ['core', 'series', 'sandbox']) {
    const cwd = join(repository, 'packages', name);
    execFileSync('pnpm', ['pack', '--pack-destination', folder], { cwd, stdio: 'ignore' });
  }
  const packed = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const overrides = Object.fromEntries(
    packed.map((name) => [
      `@ticket-lifecycle/${/ticket-lifecycle-(\w+)-\d/.exec(name)[1]}`,
      `file:${file(name)}`,
    ]),
  );
  const dependencies = { ...overrides, xstate: '^5', zod: '^4', ...tools };
  writeFileSync(file('package.json'), JSON.stringify({ private: true, dependencies, overrides }));
  const flags = ['install', '--silent', '--no-audit', '--no-fund'];
  execFileSync('npm', flags, { cwd: folder, stdio: 'inherit' });
  writeFileSync(file('program.mjs'), program);
  writeFileSync(
    file('program.cjs'),
    program
      .replaceAll(
        /^import \{(.*)\} from ('.*');$/gm,
        (_, names, from) => `const {${names.replaceAll(' as ', ': ')}} = require(${from});`,
      )
      .replace('export async function run', 'exports.run = async function run'),
  );
}

function pathOf(name) {
  const manifest = JSON.parse(readFileSync(file(`node_modules/${name}/package.json`), 'utf8'));
  return pathToFileURL(file(`node_modules/${name}/${manifest.exports['.'].default}`)).href;
}

function load(name) {
  return createRequire(file('package.json'))(name);
}

async function modules() {
  const { run } = await import(pathToFileURL(file('program.mjs')).href);
  return { '': run };
}

function required() {
  return { '': load('./program.cjs').run };
}

async function esbuild() {
  const ways = {};
  for (const platform of ['node', 'browser']) {
    const outfile = file(`esbuild-${platform}.mjs`);
    await load('esbuild').build({
      entryPoints: [file('program.mjs')],
      bundle: true,
      minify: true,
      format: 'esm',
      platform,
      outfile,
      logLevel: 'error',
    });
    ways[`for ${platform}`] = (await import(pathToFileURL(outfile).href)).run;
  }
  return ways;
}

async function webpack() {
  const ways = {};
  for (const [target, mode] of [
    ['node', 'production'],
    ['web', 'production'],
  ]) {
    const filename = `webpack-${target}.mjs`;
    const stats = await new Promise((resolve, reject) => {
      const done = (error, result) => (error ? reject(error) : resolve(result));
      load('webpack')(
        {
          mode,
          target,
          entry: file('program.mjs'),
          experiments: { outputModule: true },
          output: { path: folder, filename, library: { type: 'module' } },
        },
        done,
      );
    });
    if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
    ways[`for ${target}`] = (await import(pathToFileURL(file(filename)).href)).run;
  }
  return ways;
}

async function workerd() {
  const { Miniflare } = load('miniflare');
  const ways = {};
  // Without it, workerd looks like a web worker, whose fetch may send a change twice by itself: the
  // client wants to be told which fetch to use.
  const settings = {
    'with Node.js compatibility': { flags: ['nodejs_compat'], fetch: 'undefined' },
    'without Node.js compatibility': { flags: [], fetch: '(request) => fetch(request)' },
  };
  await load('esbuild').build({
    entryPoints: [file('program.mjs')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    outfile: file('worker-program.mjs'),
    logLevel: 'error',
  });
  for (const [name, { flags, fetch }] of Object.entries(settings)) {
    ways[name] = async (url, ticketId) => {
      const worker = `import { run } from './worker-program.mjs';
        export default { fetch: async () => {
          try {
            const said = await run(${JSON.stringify(url)}, ${JSON.stringify(ticketId)}, ${fetch});
            return new Response(said);
          } catch (error) {
            return new Response(error.stack);
          }
        } };`;
      const contents = readFileSync(file('worker-program.mjs'), 'utf8');
      const server = new Miniflare({
        compatibilityDate: '2026-07-01',
        compatibilityFlags: flags,
        modules: [
          { type: 'ESModule', path: 'worker.mjs', contents: worker },
          { type: 'ESModule', path: 'worker-program.mjs', contents },
        ],
      });
      try {
        return await (await server.dispatchFetch('http://localhost/')).text();
      } finally {
        await server.dispose();
      }
    };
  }
  return ways;
}
