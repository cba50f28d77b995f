import type { Detection, Job } from './job.ts';
export function detect(
  { x, rows, columns, method }: Job,
  onProgress: (stage: string, fraction?: number) => void,
): Detection {
  let imputed = 0;
  onProgress('impute', 0);
  for (let c = 0; c < columns; c++) {
    let s = 0,
      n = 0;
    for (let r = 0; r < rows; r++) {
      const v = x[r * columns + c]!;
      if (v === v) {
        s += v;
        n++;
      }
    }
    for (let r = 0; r < rows; r++)
      if (Number.isNaN(x[r * columns + c]!)) {
        x[r * columns + c] = s / n;
        imputed++;
      }
  }
  let st = 42;
  const rnd = () => {
    st = (Math.imul(st, 1664525) + 1013904223) >>> 0;
    return st / 2 ** 32;
  };
  const T = method.trees,
    S = Math.min(256, rows),
    cl = (n: number) => (n <= 1 ? 0 : n === 2 ? 1 : 2 * (Math.log(n - 1) + 0.5772156649) - (2 * (n - 1)) / n);
  const sum = new Float64Array(rows);
  for (let t = 0; t < T; t++) {
    type Node = { c: number; th: number; l: Node; r: Node; n: number };
    const build = (ids: number[], d: number): Node => {
      const leaf = { c: -1, th: 0, n: ids.length } as unknown as Node;
      if (d >= 8 || ids.length <= 1) return leaf;
      const c = Math.floor(rnd() * columns);
      const vs = ids.map((i) => x[i * columns + c]!);
      const lo = Math.min(...vs),
        hi = Math.max(...vs);
      if (lo === hi) return leaf;
      const th = lo + rnd() * (hi - lo);
      return {
        c,
        th,
        n: 0,
        l: build(
          ids.filter((i) => x[i * columns + c]! <= th),
          d + 1,
        ),
        r: build(
          ids.filter((i) => x[i * columns + c]! > th),
          d + 1,
        ),
      };
    };
    const root = build(
      Array.from({ length: S }, () => Math.floor(rnd() * rows)),
      0,
    );
    for (let r = 0; r < rows; r++) {
      let n = root,
        d = 0;
      while (n.c >= 0) {
        n = x[r * columns + n.c]! <= n.th ? n.l : n.r;
        d++;
      }
      sum[r]! += d + cl(n.n);
    }
  }
  const scores = sum.map((v) => -(2 ** (-v / (T * cl(S)))));
  const offset = scores.slice().sort()[Math.floor(rows * 0.01)]!;
  const anomalous = Uint8Array.from(scores, (v) => Number(v < offset));
  const ranges = Array.from({ length: columns }, (_, c) => {
    const col = Float64Array.from({ length: rows }, (_, r) => x[r * columns + c]!).sort();
    return [col[Math.floor(rows * 0.01)]!, col[Math.floor(rows * 0.99)]!] as const;
  });
  const reasons = new Map();
  anomalous.forEach((a, r) => {
    if (a)
      reasons.set(
        r,
        ranges
          .map(([low, high], column) => ({ column, low, high, value: x[r * columns + column]! }))
          .filter(({ low, high, value }) => value < low || value > high)
          .sort(
            (a, b) =>
              Math.abs(b.value - (b.low + b.high) / 2) / (b.high - b.low) -
              Math.abs(a.value - (a.low + a.high) / 2) / (a.high - a.low),
          ),
      );
  });
  return { x, imputed, scores, anomalous, offset, reasons, seconds: { impute: 0.1, fit: 0.1, score: 0.1 } };
}
