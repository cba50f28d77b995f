/** Dots of a Braille character by row and column, from its first code point on. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const BRAILLE = 0x28_00;

/**
 * Lines as text: each character holds 2 × 4 dots; where several values share a dot's column, their whole range is drawn.
 * Lines share one scale. NaN leaves a gap.
 */
export function drawLine(lines: readonly ArrayLike<number>[], { width = 72, height = 6 } = {}): string {
  const all = lines.flatMap((line) => Array.from(line).filter(Number.isFinite));
  if (all.length === 0) return '(no value)\n';
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  const cells = new Uint8Array(width * height);
  const levels = height * 4 - 1;
  const dotOf = (value: number): number => levels - Math.round(((value - low) / (high - low || 1)) * levels);
  for (const line of lines) {
    for (let x = 0; x < width * 2; x++) {
      const [top, bottom] = rangeOf(line, x / (width * 2), (x + 1) / (width * 2));
      if (top === undefined || bottom === undefined) continue;
      for (let y = dotOf(top); y <= dotOf(bottom); y++) {
        const cell = (y >> 2) * width + (x >> 1);
        cells[cell] = (cells[cell] as number) | (DOTS[y & 3]?.[x & 1] as number);
      }
    }
  }
  return Array.from({ length: height }, (_, row) => {
    const label = row === 0 ? high.toPrecision(4) : row === height - 1 ? low.toPrecision(4) : '';
    const dots = [...cells.subarray(row * width, (row + 1) * width)];
    return `${label.padStart(9)} ${String.fromCodePoint(...dots.map((bits) => BRAILLE + bits))}\n`;
  }).join('');
}

/** The highest and the lowest value of a part of a line; one value where the line has fewer than dots. */
function rangeOf(line: ArrayLike<number>, from: number, to: number): [number?, number?] {
  const start = Math.floor(from * line.length);
  const end = Math.max(start + 1, Math.floor(to * line.length));
  let [high, low] = [-Infinity, Infinity];
  for (let i = start; i < end; i++) {
    const value = line[i] as number;
    if (value > high) high = value;
    if (value < low) low = value;
  }
  return high >= low ? [high, low] : [];
}
