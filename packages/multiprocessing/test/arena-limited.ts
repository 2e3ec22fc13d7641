/** Run with a limit of 4 MB to the size of files. */
import { type Area, allocate } from '../src/arena.ts';

try {
  allocate(16_000_000);
} catch (error) {
  console.log(String(error));
}
const small = allocate(8);
small.writeInt32(0, 5);
console.log(`small ${small.readInt32(0)}`);
const areas: Area[] = [];
for (let n = 0; n < 12; n++) areas.push(allocate(900_000));
for (const [n, area] of areas.entries()) area.writeInt32(0, n);
const right = areas.every((area, n) => area.readInt32(0) === n && area.length === 900_000);
const files = new Set([small, ...areas].map((area) => area.fd));
console.log(right && files.size > 1 ? 'more than one file' : `wrong, of ${files.size} files`);
