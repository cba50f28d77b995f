/**
 * Six rows of a product by one panel: twelve sums in registers, where four rows have eight. All that a processor with sixteen
 * vector registers holds once a product and its sum are fused; the sums are the same.
 */

/** Rows of A that stand in one panel after the other. */
@inline
export function sixRows(k: i32, a: usize, aStride: usize, b: usize, c: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  for (; k > 0; k -= 8) {
    const end = a + (<usize>min(k, 8) << 2);
    for (let p = a; p < end; p += 4) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(p);
      c00 = f32x4.relaxed_madd(x, b0, c00);
      c01 = f32x4.relaxed_madd(x, b1, c01);
      x = v128.load32_splat(p, 32);
      c10 = f32x4.relaxed_madd(x, b0, c10);
      c11 = f32x4.relaxed_madd(x, b1, c11);
      x = v128.load32_splat(p, 64);
      c20 = f32x4.relaxed_madd(x, b0, c20);
      c21 = f32x4.relaxed_madd(x, b1, c21);
      x = v128.load32_splat(p, 96);
      c30 = f32x4.relaxed_madd(x, b0, c30);
      c31 = f32x4.relaxed_madd(x, b1, c31);
      x = v128.load32_splat(p, 128);
      c40 = f32x4.relaxed_madd(x, b0, c40);
      c41 = f32x4.relaxed_madd(x, b1, c41);
      x = v128.load32_splat(p, 160);
      c50 = f32x4.relaxed_madd(x, b0, c50);
      c51 = f32x4.relaxed_madd(x, b1, c51);
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
  put(c + 128, c40, add);
  put(c + 144, c41, add);
  put(c + 160, c50, add);
  put(c + 176, c51, add);
}

@inline
function put(c: usize, value: v128, add: bool): void {
  v128.store(c, add ? f32x4.add(v128.load(c), value) : value);
}

/** Six columns of A that stand side by side. */
@inline
export function sixColumns(k: i32, a: usize, b: usize, c: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.relaxed_madd(x, b0, c00);
    c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = f32x4.relaxed_madd(x, b0, c10);
    c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = f32x4.relaxed_madd(x, b0, c20);
    c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = f32x4.relaxed_madd(x, b0, c30);
    c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = f32x4.relaxed_madd(x, b0, c40);
    c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(a, 20);
    c50 = f32x4.relaxed_madd(x, b0, c50);
    c51 = f32x4.relaxed_madd(x, b1, c51);
    b += 32;
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
  v128.store(c, c40, 128);
  v128.store(c, c41, 144);
  v128.store(c, c50, 160);
  v128.store(c, c51, 176);
}

/** Two columns of A, and four of the panel after theirs. */
@inline
export function twoAndFour(k: i32, a: usize, other: usize, b: usize, c: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.relaxed_madd(x, b0, c00);
    c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = f32x4.relaxed_madd(x, b0, c10);
    c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(other);
    c20 = f32x4.relaxed_madd(x, b0, c20);
    c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(other, 4);
    c30 = f32x4.relaxed_madd(x, b0, c30);
    c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(other, 8);
    c40 = f32x4.relaxed_madd(x, b0, c40);
    c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(other, 12);
    c50 = f32x4.relaxed_madd(x, b0, c50);
    c51 = f32x4.relaxed_madd(x, b1, c51);
    b += 32;
    a += 32;
    other += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
  v128.store(c, c40, 128);
  v128.store(c, c41, 144);
  v128.store(c, c50, 160);
  v128.store(c, c51, 176);
}

/** Four columns of A, and two of the panel after theirs. */
@inline
export function fourAndTwo(k: i32, a: usize, other: usize, b: usize, c: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.relaxed_madd(x, b0, c00);
    c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = f32x4.relaxed_madd(x, b0, c10);
    c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = f32x4.relaxed_madd(x, b0, c20);
    c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = f32x4.relaxed_madd(x, b0, c30);
    c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(other);
    c40 = f32x4.relaxed_madd(x, b0, c40);
    c41 = f32x4.relaxed_madd(x, b1, c41);
    x = v128.load32_splat(other, 4);
    c50 = f32x4.relaxed_madd(x, b0, c50);
    c51 = f32x4.relaxed_madd(x, b1, c51);
    b += 32;
    a += 32;
    other += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
  v128.store(c, c40, 128);
  v128.store(c, c41, 144);
  v128.store(c, c50, 160);
  v128.store(c, c51, 176);
}
