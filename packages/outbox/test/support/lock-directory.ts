// A process that locks a directory and keeps it until it is killed.
import { lockDirectory } from '../../src/sql/directory-lock.ts';

lockDirectory(process.argv[2] ?? '');
process.stdout.write('locked');
process.stdin.resume();
