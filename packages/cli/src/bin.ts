#!/usr/bin/env node
import { run } from './program.ts';

// Set rather than exited with: what is still to be written must be written.
process.exitCode = await run(process.argv.slice(2));
