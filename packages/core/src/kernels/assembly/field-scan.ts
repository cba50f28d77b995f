// Where the fields of delimited lines without quotes are; ../field-scan.ts is the twin and says what the bytes mean.

const LF: u8 = 0x0a;
const CR: u8 = 0x0d;
const SPAN_BYTES: usize = 12;
const WRONG_BYTES: usize = 8;

/**
 * The byte behind the input is a line end, those up to the next multiple of 16 are 0.
 * @returns how many records there are, or -1 when they or the wrong lines were more than `capacity`
 */
export function scan(
  input: usize,
  size: i32,
  delimiter: i32,
  width: i32,
  places: usize,
  columns: i32,
  spans: usize,
  lines: usize,
  wrong: usize,
  capacity: i32,
): i32 {
  const delimiters = i8x16.splat(delimiter as i8);
  const ends = i8x16.splat(LF);
  const stride = (columns as usize) * SPAN_BYTES;
  let base = spans;
  let count = 0;
  let wrongs = 0;
  let line = 0;
  let field = 0;
  let start = 0;
  for (let chunk = 0; chunk <= size; chunk += 16) {
    const bytes = v128.load(input + chunk);
    let bits: u32 = i8x16.bitmask(v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, ends)));
    for (; bits != 0; bits &= bits - 1) {
      const at = chunk + (ctz(bits) as i32);
      const place = field < width ? load<i32>(places + ((field as usize) << 2)) : -1;
      const span = base + (place as usize) * SPAN_BYTES;
      if (place >= 0) {
        store<i32>(span, start);
        store<i32>(span, at, 4);
        store<i32>(span, 0, 8);
      }
      field++;
      if (load<u8>(input + at) == LF) {
        const end = at > start && load<u8>(input + at - 1) == CR ? at - 1 : at;
        if (field == width && (end > start || width > 1)) {
          if (place >= 0) store<i32>(span, end, 4);
          if (count == capacity) return -1;
          store<i32>(lines + ((count as usize) << 2), line);
          count++;
          base += stride;
        } else if (field > 1 || end > start) {
          if (wrongs == capacity) return -1;
          wrongs++;
          store<i32>(wrong + (wrongs as usize) * WRONG_BYTES, line);
          store<i32>(wrong + (wrongs as usize) * WRONG_BYTES, field, 4);
        }
        field = 0;
        line++;
      }
      start = at + 1;
    }
  }
  store<i32>(wrong, wrongs);
  return count;
}

/**
 * Whole lines at the beginning of the input, until `max` of them hold something. What lies behind the input, up to the next multiple of
 * 16, is no line end.
 * @param found receives how many hold something, and how many there are
 * @returns where they end
 */
export function cut(input: usize, size: i32, max: i32, found: usize): i32 {
  const ends = i8x16.splat(LF);
  let entries = 0;
  let lines = 0;
  let start = 0;
  for (let chunk = 0; chunk < size && entries < max; chunk += 16) {
    let bits: u32 = i8x16.bitmask(i8x16.eq(v128.load(input + chunk), ends));
    for (; bits != 0 && entries < max; bits &= bits - 1) {
      const at = chunk + (ctz(bits) as i32);
      const end = at > start && load<u8>(input + at - 1) == CR ? at - 1 : at;
      if (end > start) entries++;
      lines++;
      start = at + 1;
    }
  }
  store<i32>(found, entries);
  store<i32>(found, lines, 4);
  return start;
}
