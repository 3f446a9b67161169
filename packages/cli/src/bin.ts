#!/usr/bin/env node
import nodeModule from 'node:module';
import { compileCacheFolder } from './compile-cache.ts';
import { nodeFault } from './node-version.ts';

// With both, Node.js would colour, and warn on stderr that it does.
if (process.env['NO_COLOR']) delete process.env['FORCE_COLOR'];

const fault = nodeFault(process.versions.node);
if (fault === undefined) {
  // What one run has compiled the next one need not compile again. Node.js executes what it finds
  // there, so without a folder of our own nothing is kept.
  const folder = compileCacheFolder();
  if (folder !== undefined) nodeModule.enableCompileCache(folder);
  const { run } = await import('./program.ts');
  const code = await run(process.argv.slice(2));
  // Set rather than exited with: what is still to be written must be written.
  process.exitCode = code;
  // A definition that sets it later says nothing of how the command has ended. A crash does.
  process.on('exit', (ending) => {
    process.exitCode = ending === 0 ? code : ending;
  });
  const { outliveForeignCode } = await import('./lifecycle/foreign-code.ts');
  outliveForeignCode();
} else {
  // An older one could not even load the rest, and would name a line of ours.
  process.stderr.write(`error: ${fault}\n`);
  process.exitCode = 2;
}
