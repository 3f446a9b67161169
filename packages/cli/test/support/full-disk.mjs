// Loaded before the command line by --import: a disk that is full after so many bytes, as the
// command line meets it. The write that meets the end is made in part, as a real disk does it.
import { open } from 'node:fs/promises';

let left = Number(process.env['DISK_BYTES']);
const handle = await open(process.execPath);
const { write } = Object.getPrototypeOf(handle);
await handle.close();

Object.getPrototypeOf(handle).write = async function (buffer, offset, length, position) {
  const room = Math.min(length, left);
  if (room > 0) {
    left -= room;
    return write.call(this, buffer, offset, room, position);
  }
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};
