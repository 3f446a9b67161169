#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// What one run has compiled the next one need not compile again. Where the folder for it may not
// be written, nothing is lost but that.
enableCompileCache();
const { run } = await import('./program.ts');
// Set rather than exited with: what is still to be written must be written.
process.exitCode = await run(process.argv.slice(2));
