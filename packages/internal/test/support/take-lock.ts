// A process that wants a lock at a given moment, and keeps it until its input ends.
import { once } from 'node:events';
import { takeProcessLock } from '../../src/process-lock.ts';

const [file = '', moment = ''] = process.argv.slice(2);
while (Date.now() < Number(moment));
const attempt = takeProcessLock(file);
process.stdout.write(`${JSON.stringify(attempt)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
if (attempt.isTaken) attempt.release();
