/**
 * Weights of a linear model by least squares with a penalty on their squares: (XᵀX + penalty · 1) w = Xᵀy, by Gauss and Jordan with
 * pivots. For tens of inputs.
 * @param rows inputs, a row an observation
 */
export function solveRidge(
  rows: readonly Float64Array[],
  targets: readonly number[],
  penalty: number,
): Float64Array {
  const size = rows[0]?.length ?? 0;
  const system = Array.from({ length: size }, (_, a) => {
    const line = new Float64Array(size + 1);
    line[a] = penalty;
    return line;
  });
  rows.forEach((row, i) => {
    for (let a = 0; a < size; a++) {
      const line = system[a] as Float64Array;
      const x = row[a] as number;
      for (let b = 0; b < size; b++) line[b] = (line[b] as number) + x * (row[b] as number);
      line[size] = (line[size] as number) + x * (targets[i] as number);
    }
  });
  for (let a = 0; a < size; a++) eliminate(system, a);
  return Float64Array.from(system, (line, a) => (line[size] as number) / (line[a] as number));
}

/** Makes column a zero but in line a, which is the one with the greatest number there. */
function eliminate(system: Float64Array[], a: number): void {
  let greatest = a;
  for (let b = a + 1; b < system.length; b++) {
    if (Math.abs(system[b]?.[a] as number) > Math.abs(system[greatest]?.[a] as number)) greatest = b;
  }
  const pivot = system[greatest] as Float64Array;
  [system[greatest], system[a]] = [system[a] as Float64Array, pivot];
  for (const [b, line] of system.entries()) {
    const factor = (line[a] as number) / (pivot[a] as number);
    if (b === a || factor === 0) continue;
    for (let c = a; c < line.length; c++) line[c] = (line[c] as number) - factor * (pivot[c] as number);
  }
}
