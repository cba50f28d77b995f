// Walks of rows through the trees of an isolation forest; ../forest.ts is the twin and says what the bytes mean.

/** Adds to each row's sum the value of the leaf it ends in. */
export function walk(
  nodes: usize,
  values: usize,
  depth: i32,
  rows: usize,
  stride: i32,
  count: i32,
  sums: usize,
): void {
  const end = rows + (count as usize) * (stride as usize);
  const quad = 4 * (stride as usize);
  for (; rows + quad <= end; rows += quad, sums += 32) {
    const r1 = rows + (stride as usize);
    const r2 = r1 + (stride as usize);
    const r3 = r2 + (stride as usize);
    let a: u32 = 0;
    let b: u32 = 0;
    let c: u32 = 0;
    let d: u32 = 0;
    for (let level = 0; level < depth; level++) {
      a = step(nodes, a, rows);
      b = step(nodes, b, r1);
      c = step(nodes, c, r2);
      d = step(nodes, d, r3);
    }
    add(sums, values, a);
    add(sums + 8, values, b);
    add(sums + 16, values, c);
    add(sums + 24, values, d);
  }
  for (; rows < end; rows += stride, sums += 8) {
    let at: u32 = 0;
    for (let level = 0; level < depth; level++) at = step(nodes, at, rows);
    add(sums, values, at);
  }
}

function step(nodes: usize, at: u32, row: usize): u32 {
  const node = nodes + (at << 4);
  const goes = load<f32>(row + load<u32>(node, 4)) <= load<f32>(node) ? 0 : 1;
  return load<u32>(node, 8) + goes;
}

function add(sum: usize, values: usize, leaf: u32): void {
  store<f64>(sum, load<f64>(sum) + load<f64>(values + (leaf << 3)));
}
