// A process that takes a lock again and again, and counts how often another held it as well.
import { rmSync, writeFileSync } from 'node:fs';
import { takeProcessLock } from '../../src/process-lock.ts';

const [file = '', untilMs = ''] = process.argv.slice(2);
let taken = 0;
let together = 0;
while (Date.now() < Number(untilMs)) {
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
