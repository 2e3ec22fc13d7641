const BITS = 64;
const WINDOW = 3;

/** A 64-bit fingerprint in hex over all runs of three words: the more of these two texts share, the fewer bits differ. */
export function simhash(words: readonly string[]): string {
  const votes = new Int32Array(BITS);
  const last = Math.max(1, words.length - WINDOW + 1);
  for (let index = 0; index < last; index++) {
    const [low, high] = hash(words.slice(index, index + WINDOW).join(' '));
    vote(votes, 0, low);
    vote(votes, BITS / 2, high);
  }
  let hex = '';
  for (let nibble = 0; nibble < BITS; nibble += 4) {
    let value = 0;
    for (let bit = 0; bit < 4; bit++) value = (value << 1) | ((votes[nibble + bit] as number) > 0 ? 1 : 0);
    hex += value.toString(16);
  }
  return hex;
}

function vote(votes: Int32Array, from: number, bits: number): void {
  for (let bit = 0; bit < BITS / 2; bit++) {
    const index = from + bit;
    votes[index] = (votes[index] as number) + ((bits >>> bit) & 1 ? 1 : -1);
  }
}

/** FNV-1a twice, with different beginnings, each finished so that all bits depend on all letters. */
function hash(text: string): [number, number] {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x01000193);
  }
  return [finish(low), finish(high)];
}

function finish(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
