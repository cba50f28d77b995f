// The few globals beyond the language that every runtime we know has: browsers, Node, Deno, Bun, workers.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}

declare function atob(base64: string): string;

interface WasmModule {
  readonly __wasmModule: true;
}

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface WasmInstance {
  readonly exports: Record<string, unknown>;
}

declare const WebAssembly: {
  readonly Module: new (bytes: ArrayBufferView | ArrayBuffer) => WasmModule;
  readonly Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  readonly Instance: new (
    module: WasmModule,
    imports?: Record<string, Record<string, unknown>>,
  ) => WasmInstance;
};
