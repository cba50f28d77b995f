import { fma } from './fma.ts';

/** 2^(j/16) rounded, and what the rounding left off, divided by it. */
const POWER = Float64Array.of(
  1,
  1.0442737824274138,
  1.0905077326652577,
  1.1387886347566916,
  1.189207115002721,
  1.241857812073484,
  1.2968395546510096,
  1.3542555469368927,
  Math.SQRT2,
  1.4768261459394993,
  1.5422108254079407,
  1.6104903319492543,
  1.681792830507429,
  1.7562521603732995,
  1.8340080864093424,
  1.9152065613971474,
);
const LEFT_OFF = Float64Array.of(
  0,
  8.189317638195515e-17,
  -2.7939114859515733e-17,
  7.826573258636076e-17,
  3.3484623336251524e-17,
  3.750854201303127e-17,
  1.9572585293112036e-17,
  5.68648095791174e-17,
  -6.835808657661922e-17,
  -2.3591094770850053e-17,
  5.1548301170786783e-17,
  1.5341410053603723e-17,
  4.875160526227062e-17,
  1.685487290628973e-17,
  1.790126907604513e-17,
  -5.545065618639427e-17,
);

/**
 * 2^x to the bit as NumPy computes `2.0 ** x` on processors with AVX-512, for -1000 < x < 1000.
 *
 * That is `__svml_pow8_ha` of Intel's SVML (numpy/SVML, linux/avx512/svml_z0_pow_d_ha.s, BSD-3-Clause) with base 2, where its
 * logarithm is exact: 2^floor(16x)/16 from a table, times a polynomial in the rest. Within 0.51 units in the last place.
 * `Math.pow` differs in the last bit for one value in twenty, as does NumPy itself on other processors.
 */
export function exp2(x: number): number {
  const sixteenths = Math.floor(x * 16);
  const j = sixteenths & 15;
  const rest = x - sixteenths / 16;
  const square = rest * rest;
  const high = fma(rest, 0.00015741120548571732, 0.0013330645434141127);
  const middle = fma(rest, 0.009618141545265708, 0.0555041083923959);
  const low = fma(rest, 0.24022650696194106, 0.6931471805599342);
  const polynomial = fma(fma(high, square, middle), square, low);
  const power = POWER[j] as number;
  return fma(fma(rest, polynomial, LEFT_OFF[j] as number), power, power) * 2 ** (sixteenths >> 4);
}
