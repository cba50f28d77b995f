/**
 * Loads the WebAssembly kernels that are committed as bytes in `*.wasm.ts`, in any runtime: no file, no fetch, no Node.
 *
 * A kernel is a few functions over one linear memory that the host makes. Each has a twin in TypeScript with the same
 * results, which is the reference and does the work where a runtime refuses the module.
 */

/** What `npm run build:kernels` writes for assembly/NAME.ts. */
export interface KernelBytes {
  readonly name: string;
  /** SHA-256 of the AssemblyScript source. */
  readonly source: string;
  readonly compiler: string;
  readonly wasm: string;
}

const PAGE = 65536;

/** A kernel's compiled module, for hosts with memory of their own. Throws where the runtime refuses it. */
export function compileKernel({ wasm }: KernelBytes): WasmModule {
  return new WebAssembly.Module(decodeBase64(wasm));
}

/** One compiled kernel; `open` makes independent instances of it. Compiles once, when first opened. */
export class Kernel<Exports> {
  private readonly bytes: KernelBytes;
  private module: WasmModule | undefined;
  private refused = false;

  constructor(bytes: KernelBytes) {
    this.bytes = bytes;
  }

  /** An instance with a memory of its own, or nothing where the runtime has no WebAssembly with the SIMD it needs. */
  open(): KernelInstance<Exports> | undefined {
    if (this.refused) return undefined;
    try {
      this.module ??= compileKernel(this.bytes);
      return new KernelInstance<Exports>(this.module);
    } catch {
      this.refused = true;
      return undefined;
    }
  }
}

/** A kernel's functions and the memory they work on. Pointers are byte offsets into it. */
export class KernelInstance<Exports> {
  readonly call: Exports;
  private readonly memory: WasmMemory;
  private top = 16;

  constructor(module: WasmModule) {
    this.memory = new WebAssembly.Memory({ initial: 1 });
    this.call = new WebAssembly.Instance(module, { env: { memory: this.memory } })
      .exports as unknown as Exports;
  }

  /**
   * Reserves zeroed bytes, aligned to 16, and grows the memory when they do not fit. Memory is never given back singly:
   * `release` drops everything after a mark.
   * @returns the pointer
   */
  allocate(bytes: number): number {
    const at = this.top;
    this.top = (at + bytes + 15) & ~15;
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  /** The end of what is allocated, for `release`. */
  mark(): number {
    return this.top;
  }

  /** Frees what was allocated since `mark`; it is zeroed, as new memory is. */
  release(mark: number): void {
    this.u8(mark, this.top - mark).fill(0);
    this.top = mark;
  }

  /** Views of memory. A view is dead after the next `allocate`, which may move the memory. */
  f64(at: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer, at, length);
  }

  f32(at: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, at, length);
  }

  i32(at: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, at, length);
  }

  u8(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, at, length);
  }
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
