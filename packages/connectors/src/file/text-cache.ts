const SIZE = 4096;
const CACHED_BYTES_MAX = 48;
const [OFFSET, PRIME] = [0x811c9dc5, 0x01000193];

/**
 * Strings of a column's fields. Names of sensors and regions and stamps come again and again: each is made once and then found by
 * its bytes, which is faster than making it, and a map finds a string that it has met before faster.
 * What is seldom gives way to what came last in its place, so the cache stays small.
 */
export class TextCache {
  private readonly texts = new Array<string>(SIZE).fill('');
  private last = '';

  get(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    // Readings come by time: the stamp of the one before is the likeliest.
    if (this.last.length === length && isSame(this.last, bytes, start)) return this.last;
    if (length > CACHED_BYTES_MAX) return bytes.toString('utf8', start, end);
    let hash = OFFSET;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
    const place = (hash ^ (hash >>> 15)) & (SIZE - 1);
    const found = this.texts[place] as string;
    if (found.length === length && isSame(found, bytes, start)) return (this.last = found);
    const text = bytes.toString('utf8', start, end);
    this.texts[place] = text;
    return (this.last = text);
  }
}

/** Text beyond ASCII is longer in bytes than in characters, or differs here: it is made each time. */
function isSame(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = bytes[start + i] as number;
    if (code !== text.charCodeAt(i) || code > 0x7f) return false;
  }
  return true;
}
