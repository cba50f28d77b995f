/** The statistics of one column, as pandas' `describe()`: NaN is left out, std has n - 1, quantiles are interpolated. */
export interface Description {
  readonly count: number;
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly max: number;
}

export function describe(values: Float64Array): Description {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted();
  const count = sorted.length;
  const mean = sum(sorted, (value) => value) / count;
  const std = Math.sqrt(sum(sorted, (value) => (value - mean) ** 2) / (count - 1));
  const [min, p25, p50, p75, max] = [0, 0.25, 0.5, 0.75, 1].map((q) => quantile(sorted, q)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { count, mean, std, min, p25, p50, p75, max };
}

/** Rounded as NumPy does: from the nearer end. */
function quantile(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  const part = at - Math.floor(at);
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}

/** Kahan and Neumaier: exact enough for every printed digit, whatever the order. */
function sum(values: Float64Array, of: (value: number) => number): number {
  let [total, lost] = [0, 0];
  for (const one of values) {
    const value = of(one);
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}
