/** A hash of whole numbers, 32 bits: MurmurHash3's mixing (Appleby, public domain). Guards against mistakes, not against attackers. */
export function digest(seed: number, words: ArrayLike<number>): number {
  let hash = seed | 0;
  for (let i = 0; i < words.length; i++) {
    let word = Math.imul(words[i] as number, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= words.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
