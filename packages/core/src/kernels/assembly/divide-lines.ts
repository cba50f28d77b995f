// Delimited lines without quotes, each with the lines of its owner; ../divide-lines.ts is the twin and says what the bytes mean.

const LF: u8 = 0x0a;
const CR: u8 = 0x0d;
const LINE_BYTES: usize = 16;
const PART_BYTES: usize = 16;
const WRONG_BYTES: usize = 8;

/**
 * Finds the lines, and who owns each. The byte behind the input is a line end, those up to the next multiple of 16 are 0.
 * @param found receives of each line its begin, the end with the line end, its owner and its number
 * @param parts receives of each owner how many bytes and how many lines there are, from 0
 * @returns how many lines there are, or -1 when they or the wrong ones were more than `capacity`
 */
export function find(
  input: usize,
  size: i32,
  delimiter: i32,
  width: i32,
  key: i32,
  seed: u32,
  workers: u32,
  found: usize,
  parts: usize,
  wrong: usize,
  capacity: i32,
): i32 {
  const delimiters = i8x16.splat(delimiter as i8);
  const ends = i8x16.splat(LF);
  let next = found;
  let count = 0;
  let wrongs = 0;
  let line = 0;
  let field = 0;
  let start = 0;
  let begin = 0;
  let hash: u32 = 0;
  for (let chunk = 0; chunk <= size; chunk += 16) {
    const bytes = v128.load(input + chunk);
    let bits: u32 = i8x16.bitmask(v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, ends)));
    for (; bits != 0; bits &= bits - 1) {
      const at = chunk + (ctz(bits) as i32);
      const isEnd = load<u8>(input + at) == LF;
      const end = isEnd && at > start && load<u8>(input + at - 1) == CR ? at - 1 : at;
      if (field == key) hash = hashOf(input + start, input + end, seed);
      field++;
      if (isEnd) {
        if (field == width && (end > start || width > 1)) {
          if (count == capacity) return -1;
          const owner = hash % workers;
          store<i32>(next, begin);
          store<i32>(next, at + 1, 4);
          store<u32>(next, owner, 8);
          store<i32>(next, line, 12);
          next += LINE_BYTES;
          count++;
          const part = parts + (owner as usize) * PART_BYTES;
          store<i32>(part, load<i32>(part) + at + 1 - begin);
          store<i32>(part, load<i32>(part, 4) + 1, 4);
        } else if (field > 1 || end > start) {
          if (wrongs == capacity) return -1;
          wrongs++;
          store<i32>(wrong + (wrongs as usize) * WRONG_BYTES, line);
          store<i32>(wrong + (wrongs as usize) * WRONG_BYTES, field, 4);
        }
        field = 0;
        line++;
        begin = at + 1;
      }
      start = at + 1;
    }
  }
  store<i32>(wrong, wrongs);
  return count;
}

/**
 * Copies each line to those of its owner.
 * @param parts holds of each owner where its next line goes, and its number: pointers, which are moved on
 */
export function gather(input: usize, found: usize, count: i32, parts: usize): void {
  for (let i = 0; i < count; i++, found += LINE_BYTES) {
    const begin = input + load<i32>(found);
    const size = (load<i32>(found, 4) - load<i32>(found)) as usize;
    const part = parts + (load<u32>(found, 8) as usize) * PART_BYTES;
    const to: usize = load<u32>(part);
    const place: usize = load<u32>(part, 4);
    copy(to, begin, size);
    store<i32>(place, load<i32>(found, 12));
    store<u32>(part, (to + size) as u32);
    store<u32>(part, (place + 4) as u32, 4);
  }
}

/** Not a byte more: what lies behind may be another owner's first line. */
function copy(to: usize, from: usize, size: usize): void {
  if (size < 16) {
    for (let i: usize = 0; i < size; i++) store<u8>(to + i, load<u8>(from + i));
    return;
  }
  const last = size - 16;
  for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
  v128.store(to + last, v128.load(from + last));
}

/** The hash by which keys have owners. */
function hashOf(from: usize, to: usize, seed: u32): u32 {
  let hash = seed;
  for (let at = from; at < to; at++) hash = (hash ^ load<u8>(at)) * 0x01000193;
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
  return hash ^ (hash >> 16);
}
