import { randomBytes } from 'node:crypto';

let latestMs = 0;
let counter = 0;

/**
 * A UUID of version 7 whose text sorts by time of making, within one process strictly: it decides
 * where the clock of the database can't tell two changes apart.
 */
export function timeOrderedId(now = Date.now()): string {
  // A clock that steps back, or more ids in a millisecond than the counter holds, borrows from the
  // next one.
  counter = now > latestMs ? 0 : counter + 1;
  latestMs = Math.max(now, latestMs) + (counter > 0xfff ? 1 : 0);
  counter &= 0xfff;
  const time = latestMs.toString(16).padStart(12, '0');
  const random = randomBytes(8);
  random.writeUInt8((random.readUInt8(0) & 0x3f) | 0x80, 0);
  const tail = random.toString('hex');
  const middle = `7${counter.toString(16).padStart(3, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
