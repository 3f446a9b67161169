// A process that takes the lock of a file and keeps it until it is killed.
import { lockFile } from '../../src/journal/lock.ts';

lockFile(process.argv[2] ?? '', 'writing');
process.stdout.write('locked');
process.stdin.resume();
