#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { compileCacheFolder } from './compile-cache.ts';

// What one run has compiled the next one need not compile again. Node.js executes what it finds
// there, so without a folder of our own nothing is kept.
const folder = compileCacheFolder();
if (folder !== undefined) enableCompileCache(folder);
const { run } = await import('./program.ts');
// Set rather than exited with: what is still to be written must be written.
process.exitCode = await run(process.argv.slice(2));
