/**
 * The kernels of an LSTM network, as compiled from assembly/lstm.ts, or their twin in TypeScript.
 *
 * `strict` and `twin` give the same bits on every machine; `relaxed` fuses products with sums and is faster where the
 * processor can. Pointers and strides are in bytes, see assembly/lstm.ts.
 */
import { compileKernel } from './kernel.ts';
import { writeConstants } from './lstm-constants.ts';
import type { LstmKernels } from './lstm-kernels.ts';
import { lstmTwin } from './lstm-twin.ts';
import { lstmRelaxedWasm } from './lstm-relaxed.wasm.ts';
import { lstmWasm } from './lstm.wasm.ts';

export type LstmArithmetic = 'strict' | 'relaxed' | 'twin';

/** What strict results depend on beside the weights: the SHA-256 of the kernel's source. */
export const strictKernel: string = lstmWasm.source;

/** Kernels that work on one memory, which threads may share. */
export function lstmKernels(arithmetic: LstmArithmetic, memory: WasmMemory): LstmKernels {
  writeConstants(memory);
  if (arithmetic === 'twin') return lstmTwin(new Float32Array(memory.buffer));
  const module = arithmetic === 'relaxed' ? relaxedModule() : strictModule();
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as LstmKernels;
}

/** True where the runtime can fuse; elsewhere `relaxed` is not to be had. */
export function hasRelaxedSimd(): boolean {
  try {
    relaxedModule();
    return true;
  } catch {
    return false;
  }
}

const strictModule = once(() => compileKernel(lstmWasm));
const relaxedModule = once(() => compileKernel(lstmRelaxedWasm));

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
