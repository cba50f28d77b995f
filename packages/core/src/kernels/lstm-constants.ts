/** Byte at which the kernels of an LSTM find their constants; the rest of the first 256 bytes is the host's. */
const TABLE = 192;

/** The least and greatest argument of exp, how it rounds to whole numbers, ln 2 in two parts, its polynomial, and 1. */
const NUMBERS = [
  88,
  -87,
  12_582_912,
  Math.LOG2E,
  0.693359375,
  2.1219444e-4,
  1.98756915e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
  1,
];

/** Writes the table that assembly/lstm.ts reads; threads that share the memory write the same. */
export function writeConstants(memory: WasmMemory): void {
  new Float32Array(memory.buffer).set(NUMBERS, TABLE / 4);
  // The bias of a float's exponent, as a whole number.
  new Int32Array(memory.buffer)[TABLE / 4 + NUMBERS.length] = 127;
}
