// A process that takes a lock again and again until the time that it is told, and counts how often
// another held it as well.
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { takeProcessLock } from '../../src/process-lock.ts';

const [file = ''] = process.argv.slice(2);
process.stdout.write('ready');
const [untilMs] = (await once(process.stdin, 'data')) as [Buffer];
let taken = 0;
let together = 0;
while (Date.now() < Number(String(untilMs)) || taken < 10) {
  const attempt = takeProcessLock(file);
  if (!attempt.isTaken) continue;
  taken += 1;
  try {
    writeFileSync(`${file}.inside`, '', { flag: 'wx' });
    rmSync(`${file}.inside`);
  } catch {
    together += 1;
  }
  attempt.release();
}
process.stdout.write(JSON.stringify({ taken, together }));
