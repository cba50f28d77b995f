// asc: --enable threads --sharedMemory --maximumMemory 65536
/**
 * Kernels of an LSTM network and of its training, float32.
 *
 * Every matrix, weight or activation, lies in panels of eight columns: element (r, c) of a matrix stands at
 * panel (c >> 3), row r, column c & 7. Every loop below then walks memory forwards, and nothing is ever packed.
 * Pointers are byte offsets; a stride is the distance in bytes from a panel to the next, so that a range of rows of a
 * matrix is a matrix. Column counts are multiples of eight, filled up with zeros.
 *
 * Compiled twice. Strict: a sum is taken in the order of k, a product is rounded before it is added, and exp is our
 * own, so that every machine gives the same bits. Relaxed: a product and its sum are fused where the machine can.
 */

import { fourAndTwo, sixColumns, sixRows, twoAndFour } from './parts/six-rows';

@inline
function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

@inline
function put(c: usize, value: v128, add: bool): void {
  v128.store(c, add ? f32x4.add(v128.load(c), value) : value);
}

/** C (m × n) = A (m × k) · B (k × n), or C += with `add`. */
export function multiply(
  m: i32, n: i32, k: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, add: bool,
): void {
  // With products fused there is room for six rows at once; twelve leave a rest of whole fours.
  const sixes = m - (m % 12);
  const tiled = m & ~3;
  for (let j = 0; j < n; j += 8) {
    let i = 0;
    if (ASC_FEATURE_RELAXED_SIMD) {
      for (; i < sixes; i += 6) sixRows(k, a + (<usize>i << 5), aStride, b, c + (<usize>i << 5), add);
    }
    for (; i < tiled; i += 4) tile(k, a + (<usize>i << 5), aStride, b, c + (<usize>i << 5), add);
    b += bStride;
    c += cStride;
  }
  if (tiled === m) return;
  b -= bStride * <usize>(n >> 3);
  c -= cStride * <usize>(n >> 3);
  for (let i = tiled; i < m; i++) {
    const row = <usize>i << 5;
    let j = 0;
    for (; j + 32 <= n; j += 32) {
      const panel = <usize>(j >> 3);
      wideRow(k, a + row, aStride, b + panel * bStride, bStride, c + row + panel * cStride, cStride, add);
    }
    for (; j < n; j += 8) {
      const panel = <usize>(j >> 3);
      narrowRow(k, a + row, aStride, b + panel * bStride, c + row + panel * cStride, add);
    }
  }
}

/** Four rows of C by one panel: eight sums in registers. */
@inline
function tile(k: i32, a: usize, aStride: usize, b: usize, c: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (; k > 0; k -= 8) {
    const end = a + (<usize>min(k, 8) << 2);
    for (let p = a; p < end; p += 4) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(p);
      c00 = fma(x, b0, c00);
      c01 = fma(x, b1, c01);
      x = v128.load32_splat(p, 32);
      c10 = fma(x, b0, c10);
      c11 = fma(x, b1, c11);
      x = v128.load32_splat(p, 64);
      c20 = fma(x, b0, c20);
      c21 = fma(x, b1, c21);
      x = v128.load32_splat(p, 96);
      c30 = fma(x, b0, c30);
      c31 = fma(x, b1, c31);
      b += 32;
    }
    a += aStride;
  }
  put(c, c00, add);
  put(c + 16, c01, add);
  put(c + 32, c10, add);
  put(c + 48, c11, add);
  put(c + 64, c20, add);
  put(c + 80, c21, add);
  put(c + 96, c30, add);
  put(c + 112, c31, add);
}

/** One row of C by four panels. */
@inline
function wideRow(
  k: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, add: bool,
): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  let b1 = b + bStride, b2 = b1 + bStride, b3 = b2 + bStride;
  for (; k > 0; k -= 8) {
    const end = a + (<usize>min(k, 8) << 2);
    for (let p = a; p < end; p += 4) {
      const x = v128.load32_splat(p);
      c0 = fma(x, v128.load(b), c0);
      c1 = fma(x, v128.load(b, 16), c1);
      c2 = fma(x, v128.load(b1), c2);
      c3 = fma(x, v128.load(b1, 16), c3);
      c4 = fma(x, v128.load(b2), c4);
      c5 = fma(x, v128.load(b2, 16), c5);
      c6 = fma(x, v128.load(b3), c6);
      c7 = fma(x, v128.load(b3, 16), c7);
      b += 32;
      b1 += 32;
      b2 += 32;
      b3 += 32;
    }
    a += aStride;
  }
  put(c, c0, add);
  put(c + 16, c1, add);
  c += cStride;
  put(c, c2, add);
  put(c + 16, c3, add);
  c += cStride;
  put(c, c4, add);
  put(c + 16, c5, add);
  c += cStride;
  put(c, c6, add);
  put(c + 16, c7, add);
}

@inline
function narrowRow(k: i32, a: usize, aStride: usize, b: usize, c: usize, add: bool): void {
  let c0 = f32x4.splat(0), c1 = c0;
  for (; k > 0; k -= 8) {
    const end = a + (<usize>min(k, 8) << 2);
    for (let p = a; p < end; p += 4) {
      const x = v128.load32_splat(p);
      c0 = fma(x, v128.load(b), c0);
      c1 = fma(x, v128.load(b, 16), c1);
      b += 32;
    }
    a += aStride;
  }
  put(c, c0, add);
  put(c + 16, c1, add);
}

/** C (m × n) = Aᵀ · B, A being k × m and B k × n: the gradient of a weight matrix. */
export function multiplyTransposed(
  m: i32, n: i32, k: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize,
): void {
  const tiled = m & ~3;
  for (let j = 0; j < n; j += 8) {
    let i = 0;
    if (ASC_FEATURE_RELAXED_SIMD) {
      for (; i + 24 <= m; i += 24) {
        const p0 = a + <usize>(i >> 3) * aStride, p1 = p0 + aStride, p2 = p1 + aStride;
        const to = c + (<usize>i << 5);
        sixColumns(k, p0, b, to);
        twoAndFour(k, p0 + 24, p1, b, to + 192);
        fourAndTwo(k, p1 + 16, p2, b, to + 384);
        sixColumns(k, p2 + 8, b, to + 576);
      }
    }
    for (; i < tiled; i += 4) {
      const column = a + <usize>(i >> 3) * aStride + (<usize>(i & 7) << 2);
      tileTransposed(k, column, b, c + (<usize>i << 5));
    }
    for (let i = tiled; i < m; i++) {
      const column = a + <usize>(i >> 3) * aStride + (<usize>(i & 7) << 2);
      rowTransposed(k, column, b, c + (<usize>i << 5));
    }
    b += bStride;
    c += cStride;
  }
}

@inline
function tileTransposed(k: i32, a: usize, b: usize, c: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = b + (<usize>k << 5);
  for (; b < end; b += 32) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = fma(x, b0, c10);
    c11 = fma(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = fma(x, b0, c20);
    c21 = fma(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = fma(x, b0, c30);
    c31 = fma(x, b1, c31);
    a += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
}

@inline
function rowTransposed(k: i32, a: usize, b: usize, c: usize): void {
  let c0 = f32x4.splat(0), c1 = c0;
  const end = b + (<usize>k << 5);
  for (; b < end; b += 32) {
    const x = v128.load32_splat(a);
    c0 = fma(x, v128.load(b), c0);
    c1 = fma(x, v128.load(b, 16), c1);
    a += 32;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
}

/** B (n × m) = Aᵀ for A (m × n), both multiples of eight. */
export function transpose(m: i32, n: i32, a: usize, aStride: usize, b: usize, bStride: usize): void {
  for (let j = 0; j < n; j += 8) {
    for (let i = 0; i < m; i += 8) {
      const from = a + <usize>(j >> 3) * aStride + (<usize>i << 5);
      const to = b + <usize>(i >> 3) * bStride + (<usize>j << 5);
      transpose4(from, to);
      transpose4(from + 16, to + 128);
      transpose4(from + 128, to + 16);
      transpose4(from + 144, to + 144);
    }
  }
}

@inline
function transpose4(from: usize, to: usize): void {
  const x0 = v128.load(from), x1 = v128.load(from, 32), x2 = v128.load(from, 64), x3 = v128.load(from, 96);
  const t0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const t2 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(t0, t2, 0, 2));
  v128.store(to, v128.shuffle<f64>(t0, t2, 1, 3), 32);
  v128.store(to, v128.shuffle<f64>(t1, t3, 0, 2), 64);
  v128.store(to, v128.shuffle<f64>(t1, t3, 1, 3), 96);
}

/** Sums of the columns of A (m × n) into n floats at `out`. */
export function columnSums(m: i32, n: i32, a: usize, aStride: usize, out: usize): void {
  for (let j = 0; j < n; j += 8) {
    let s0 = f32x4.splat(0), s1 = s0;
    const end = a + (<usize>m << 5);
    for (let p = a; p < end; p += 32) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
    }
    v128.store(out, s0);
    v128.store(out, s1, 16);
    a += aStride;
    out += 32;
  }
}

/** C (m × n) = A_0 + A_1 + … of `count` matrices that lie `step` bytes apart. */
export function sumMatrices(
  count: i32, step: usize, m: i32, n: i32, a: usize, aStride: usize, c: usize, cStride: usize,
): void {
  for (let j = 0; j < n; j += 8) {
    for (let i: usize = 0; i < <usize>m << 5; i += 16) {
      let p = a + i;
      let sum = v128.load(p);
      for (let t = 1; t < count; t++) {
        p += step;
        sum = f32x4.add(sum, v128.load(p));
      }
      v128.store(c + i, sum);
    }
    a += aStride;
    c += cStride;
  }
}

/**
 * A number of the table at the start of the memory (constants.ts) in all lanes. A constant in the code takes three instructions each time
 * on x64, a load takes one.
 */
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(192 + (index << 2));
}

/** e^x to 1 ulp or so: Cephes' expf, its polynomial in a fixed order. */
@inline
function exp(x: v128): v128 {
  // pmin and pmax are one instruction each, min and max are six.
  x = f32x4.pmax(f32x4.pmin(x, constant(0)), constant(1));
  // Added to 1.5 * 2^23 a number is rounded to a whole one, which then stands in the lowest bits.
  const magic = constant(2);
  const shifted = f32x4.add(f32x4.mul(x, constant(3)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = f32x4.sub(x, f32x4.mul(n, constant(4)));
  r = fma(n, constant(5), r);
  let p = constant(6);
  p = fma(p, r, constant(7));
  p = fma(p, r, constant(8));
  p = fma(p, r, constant(9));
  p = fma(p, r, constant(10));
  p = fma(p, r, constant(11));
  p = f32x4.add(fma(f32x4.mul(p, r), r, r), constant(12));
  // The bits of 1.5 * 2^23 are shifted out; those of 127 stand below them.
  return f32x4.mul(p, i32x4.shl(i32x4.add(shifted, constant(13)), 23));
}

@inline
function sigmoid(x: v128): v128 {
  const one = constant(12);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** Cephes' tanhf: a polynomial near zero, where 1 - 2 / (e^2x + 1) would lose digits. */
@inline
function tanh(x: v128): v128 {
  const size = f32x4.abs(x), square = f32x4.mul(x, x), one = constant(12);
  let p = f32x4.splat(-5.70498872745e-3);
  p = fma(p, square, f32x4.splat(2.06390887954e-2));
  p = fma(p, square, f32x4.splat(-5.37397155531e-2));
  p = fma(p, square, f32x4.splat(1.33314422036e-1));
  p = fma(p, square, f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, square), x), x);
  const e = f32x4.add(exp(f32x4.add(size, size)), one);
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), e));
  const signed = v128.or(far, v128.and(x, f32x4.splat(-0.0)));
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)));
}

@inline
function activate(x: v128, hyperbolic: bool): v128 {
  return hyperbolic ? tanh(x) : f32x4.pmax(f32x4.splat(0), x);
}

/** Four gates of a vector of units: their panels are `units / 8` panels apart. */
@inline
function gate(z: usize, stride: usize, units: i32, which: usize): usize {
  return z + which * <usize>(units >> 3) * stride;
}

/**
 * One time step of m rows. `z` holds the gates' sums (i, f, g, o) and receives their activations.
 * @param zx sums to add, or 0
 * @param cBefore the cells of the step before, or 0 for zeros; c and h have its stride
 */
export function cellForward(
  m: i32, units: i32, hyperbolic: bool, z: usize, zStride: usize, zx: usize, zxStride: usize, bias: usize,
  cBefore: usize, c: usize, h: usize, hStride: usize,
): void {
  const gateBias = <usize>units << 2;
  for (let j = 0; j < units; j += 8) {
    for (let i: usize = 0; i < <usize>m << 5; i += 16) {
      const b = bias + (i & 16);
      const zi = gate(z, zStride, units, 0) + i, zf = gate(z, zStride, units, 1) + i;
      const zg = gate(z, zStride, units, 2) + i, zo = gate(z, zStride, units, 3) + i;
      let si = f32x4.add(v128.load(zi), v128.load(b)), sf = f32x4.add(v128.load(zf), v128.load(b + gateBias));
      let sg = f32x4.add(v128.load(zg), v128.load(b + 2 * gateBias));
      let so = f32x4.add(v128.load(zo), v128.load(b + 3 * gateBias));
      if (zx) {
        si = f32x4.add(si, v128.load(gate(zx, zxStride, units, 0) + i));
        sf = f32x4.add(sf, v128.load(gate(zx, zxStride, units, 1) + i));
        sg = f32x4.add(sg, v128.load(gate(zx, zxStride, units, 2) + i));
        so = f32x4.add(so, v128.load(gate(zx, zxStride, units, 3) + i));
      }
      si = sigmoid(si);
      sf = sigmoid(sf);
      sg = activate(sg, hyperbolic);
      so = sigmoid(so);
      v128.store(zi, si);
      v128.store(zf, sf);
      v128.store(zg, sg);
      v128.store(zo, so);
      let cell = f32x4.mul(si, sg);
      if (cBefore) cell = f32x4.add(f32x4.mul(sf, v128.load(cBefore + i)), cell);
      v128.store(c + i, cell);
      v128.store(h + i, f32x4.mul(so, activate(cell, hyperbolic)));
    }
    z += zStride;
    if (zx) zx += zxStride;
    if (cBefore) cBefore += hStride;
    bias += 32;
    c += hStride;
    h += hStride;
  }
}

/**
 * The same step backwards: from dh and the dc of the step after to dz, and dc for the step before, in place.
 * @param gates what cellForward left in z
 */
export function cellBackward(
  m: i32, units: i32, hyperbolic: bool, gates: usize, gatesStride: usize, cBefore: usize, c: usize, hStride: usize,
  dh: usize, dhStride: usize, dc: usize, dcStride: usize, dz: usize, dzStride: usize,
): void {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  for (let j = 0; j < units; j += 8) {
    for (let r: usize = 0; r < <usize>m << 5; r += 16) {
      const i = v128.load(gate(gates, gatesStride, units, 0) + r), f = v128.load(gate(gates, gatesStride, units, 1) + r);
      const g = v128.load(gate(gates, gatesStride, units, 2) + r), o = v128.load(gate(gates, gatesStride, units, 3) + r);
      const cell = v128.load(c + r), d = v128.load(dh + r);
      const shown = activate(cell, hyperbolic);
      const through = f32x4.mul(d, o);
      let slope: v128, slopeG: v128;
      if (hyperbolic) {
        slope = f32x4.mul(through, f32x4.sub(one, f32x4.mul(shown, shown)));
        slopeG = f32x4.sub(one, f32x4.mul(g, g));
      } else {
        slope = v128.and(f32x4.gt(cell, zero), through);
        slopeG = v128.and(f32x4.gt(g, zero), one);
      }
      const dCell = f32x4.add(v128.load(dc + r), slope);
      v128.store(gate(dz, dzStride, units, 0) + r, f32x4.mul(f32x4.mul(dCell, g), f32x4.mul(i, f32x4.sub(one, i))));
      const before = cBefore ? v128.load(cBefore + r) : zero;
      v128.store(gate(dz, dzStride, units, 1) + r, f32x4.mul(f32x4.mul(dCell, before), f32x4.mul(f, f32x4.sub(one, f))));
      v128.store(gate(dz, dzStride, units, 2) + r, f32x4.mul(f32x4.mul(dCell, i), slopeG));
      v128.store(gate(dz, dzStride, units, 3) + r, f32x4.mul(f32x4.mul(d, shown), f32x4.mul(o, f32x4.sub(one, o))));
      v128.store(dc + r, f32x4.mul(dCell, f));
    }
    gates += gatesStride;
    if (cBefore) cBefore += hStride;
    c += hStride;
    dh += dhStride;
    dc += dcStride;
    dz += dzStride;
  }
}

/** y (m × n) += bias, a row of n floats. */
export function addBias(m: i32, n: i32, y: usize, yStride: usize, bias: usize): void {
  for (let j = 0; j < n; j += 8) {
    for (let i: usize = 0; i < <usize>m << 5; i += 16) {
      v128.store(y + i, f32x4.add(v128.load(y + i), v128.load(bias + (i & 16))));
    }
    y += yStride;
    bias += 32;
  }
}

/** dy = scale · (y - x) for m rows of n columns; the sum of the squared differences of a row goes to errors[row]. */
export function squaredError(
  m: i32, n: i32, y: usize, yStride: usize, x: usize, xStride: usize, dy: usize, scale: f32, errors: usize,
): void {
  const by = f32x4.splat(scale);
  for (let r: usize = 0; r < <usize>m; r++) {
    let sum = f32x4.splat(0);
    let py = y + (r << 5), px = x + (r << 5), pd = dy + (r << 5);
    for (let j = 0; j < n; j += 8) {
      for (let half: usize = 0; half < 32; half += 16) {
        const d = f32x4.sub(v128.load(py + half), v128.load(px + half));
        sum = f32x4.add(sum, f32x4.mul(d, d));
        v128.store(pd + half, f32x4.mul(d, by));
      }
      py += yStride;
      px += xStride;
      pd += yStride;
    }
    const lanes = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
    store<f32>(errors + (r << 2), lanes + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
  }
}

/** Adam on `count` floats, a multiple of four: w -= rate · m / (√v + epsilon), m and v moved by their shares before. */
export function adam(
  count: i32, w: usize, g: usize, m: usize, v: usize, rate: f32, share1: f32, share2: f32, epsilon: f32,
): void {
  const decay1 = f32x4.splat(share1), decay2 = f32x4.splat(share2);
  const step = f32x4.splat(rate), small = f32x4.splat(epsilon);
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    const slope = v128.load(g + i);
    let mean = v128.load(m + i), square = v128.load(v + i);
    mean = f32x4.add(mean, f32x4.mul(f32x4.sub(slope, mean), decay1));
    square = f32x4.add(square, f32x4.mul(f32x4.sub(f32x4.mul(slope, slope), square), decay2));
    v128.store(m + i, mean);
    v128.store(v + i, square);
    const move = f32x4.div(f32x4.mul(step, mean), f32x4.add(f32x4.sqrt(square), small));
    v128.store(w + i, f32x4.sub(v128.load(w + i), move));
  }
}
