// Which rows of a block may be nearer to a query than a limit; ../near-rows.ts is the twin and says what the bytes mean.

const COLUMN_BYTES: usize = 256;
const TERM_BYTES: usize = 8;
const CHUNK_BYTES: usize = 4 * TERM_BYTES;

/** @returns how many row numbers were written to `found`: those whose sum of squares is not above `limit` */
export function near(block: usize, rows: i32, terms: usize, count: i32, limit: f32, found: usize): i32 {
  const limits = f32x4.splat(limit);
  const end = terms + (count as usize) * TERM_BYTES;
  let out = found;
  for (let row = 0; row < rows; row += 16, block += 64) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let term = terms;
    let bits: u32 = 0;
    while (true) {
      const stop = min(term + CHUNK_BYTES, end);
      for (; term < stop; term += TERM_BYTES) {
        const at = block + (load<u32>(term) as usize);
        const value = v128.load32_splat(term, 4);
        const d0 = f32x4.sub(v128.load(at), value);
        const d1 = f32x4.sub(v128.load(at, 16), value);
        const d2 = f32x4.sub(v128.load(at, 32), value);
        const d3 = f32x4.sub(v128.load(at, 48), value);
        s0 = f32x4.add(s0, f32x4.mul(d0, d0));
        s1 = f32x4.add(s1, f32x4.mul(d1, d1));
        s2 = f32x4.add(s2, f32x4.mul(d2, d2));
        s3 = f32x4.add(s3, f32x4.mul(d3, d3));
      }
      bits = bitsOf(f32x4.le(s0, limits), f32x4.le(s1, limits), f32x4.le(s2, limits), f32x4.le(s3, limits));
      if (bits == 0 || term == end) break;
    }
    out = emit(bits, row, rows, out);
  }
  return ((out - found) >> 2) as i32;
}

/** As `near` for rows with gaps: missing values count for nothing, and a row's limit is `limit` times its present ones. */
export function nearMissing(
  block: usize,
  rows: i32,
  terms: usize,
  count: i32,
  limit: f32,
  found: usize,
): i32 {
  const limits = f32x4.splat(limit);
  const end = terms + (count as usize) * TERM_BYTES;
  let out = found;
  for (let row = 0; row < rows; row += 16, block += 64) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let n0 = i32x4.splat(0);
    let n1 = i32x4.splat(0);
    let n2 = i32x4.splat(0);
    let n3 = i32x4.splat(0);
    for (let term = terms; term < end; term += TERM_BYTES) {
      const at = block + (load<u32>(term) as usize);
      const value = v128.load32_splat(term, 4);
      const d0 = f32x4.sub(v128.load(at), value);
      const d1 = f32x4.sub(v128.load(at, 16), value);
      const d2 = f32x4.sub(v128.load(at, 32), value);
      const d3 = f32x4.sub(v128.load(at, 48), value);
      const m0 = f32x4.eq(d0, d0);
      const m1 = f32x4.eq(d1, d1);
      const m2 = f32x4.eq(d2, d2);
      const m3 = f32x4.eq(d3, d3);
      s0 = f32x4.add(s0, v128.and(f32x4.mul(d0, d0), m0));
      s1 = f32x4.add(s1, v128.and(f32x4.mul(d1, d1), m1));
      s2 = f32x4.add(s2, v128.and(f32x4.mul(d2, d2), m2));
      s3 = f32x4.add(s3, v128.and(f32x4.mul(d3, d3), m3));
      n0 = i32x4.sub(n0, m0);
      n1 = i32x4.sub(n1, m1);
      n2 = i32x4.sub(n2, m2);
      n3 = i32x4.sub(n3, m3);
    }
    const bits = bitsOf(
      f32x4.le(s0, f32x4.mul(limits, f32x4.convert_i32x4_s(n0))),
      f32x4.le(s1, f32x4.mul(limits, f32x4.convert_i32x4_s(n1))),
      f32x4.le(s2, f32x4.mul(limits, f32x4.convert_i32x4_s(n2))),
      f32x4.le(s3, f32x4.mul(limits, f32x4.convert_i32x4_s(n3))),
    );
    out = emit(bits, row, rows, out);
  }
  return ((out - found) >> 2) as i32;
}

function bitsOf(a: v128, b: v128, c: v128, d: v128): u32 {
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

function emit(bits: u32, row: i32, rows: i32, out: usize): usize {
  if (rows - row < 16) bits &= (1 << (rows - row)) - 1;
  for (; bits != 0; bits &= bits - 1, out += 4) store<i32>(out, row + (ctz(bits) as i32));
  return out;
}
