import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { docsDir } from '../build/places.ts';

test('the service starts as the page tells, in a folder that `npm init` has made', async () => {
  const page = await readFile(`${docsDir}recipes/index.md`, 'utf8');
  const start = /^```js\n(?<code>import [^]*?)^```$/m.exec(page)?.groups?.['code'] ?? '';
  expect(start).toContain('port: 3000');

  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }');
  await symlink(`${docsDir}node_modules`, join(folder, 'node_modules'));
  await copyFile(`${docsDir}recipes/fastify-sqlite/service.ts`, join(folder, 'service.mts'));
  await writeFile(join(folder, 'start.mts'), start.replace('port: 3000', 'port: 0'));
  const args = ['--conditions=@ticket-lifecycle/source', 'start.mts'];
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const service = spawn(process.execPath, args, { cwd: folder, stdio });
  onTestFinished(async () => {
    if (service.exitCode === null) {
      service.kill();
      await once(service, 'exit');
    }
    await rm(folder, { recursive: true });
  });
  let errors = '';
  service.stderr.on('data', (data) => (errors += String(data)));
  const [printed] = await Promise.race([
    once(service.stdout, 'data'),
    once(service, 'exit').then(() => Promise.reject(new Error(errors))),
  ]);
  const ticket = `${String(printed).trim()}/tickets/TICKET-1`;

  const headers = { 'x-staff': '7', 'x-role': 'agent', 'content-type': 'application/json' };
  const possible = await fetch(`${ticket}/events`, { headers });
  expect(await possible.json()).toContainEqual(
    expect.objectContaining({ event: 'START', allowed: true }),
  );
  const body = JSON.stringify({ type: 'START' });
  const done = await fetch(`${ticket}/events`, { method: 'POST', headers, body });
  expect(await done.json()).toMatchObject({ kind: 'confirmed', to: 'in-progress' });
  const history = await fetch(ticket);
  expect(await history.json()).toHaveLength(1);
});
