// A process that wants the lock of a file at a given moment, and keeps it until its input ends.
import { once } from 'node:events';
import { lockFile } from '../../src/journal/lock.ts';

const [file = '', moment = ''] = process.argv.slice(2);
while (Date.now() < Number(moment));
const taken = await lockFile(file, 'writing').then(
  (unlock) => ({ said: 'ours', unlock }),
  ({ name }: Error) => ({ said: name, unlock: async () => {} }),
);
process.stdout.write(taken.said);
process.stdin.resume();
await once(process.stdin, 'end');
await taken.unlock();
