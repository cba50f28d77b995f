/** The bytes of blocks in memory that all threads see. It is used again: getting it anew for every block is dear. */
export class CommonBytes {
  private readonly free: SharedArrayBuffer[] = [];
  private readonly used = new Map<number, SharedArrayBuffer>();

  /** A copy of a block's bytes, until the block is released. */
  take(block: number, bytes: Uint8Array): Uint8Array {
    const at = this.free.findIndex(({ byteLength }) => byteLength >= bytes.length);
    const memory = this.free.splice(at, at < 0 ? 0 : 1)[0] ?? new SharedArrayBuffer(sizeFor(bytes.length));
    this.used.set(block, memory);
    const copy = new Uint8Array(memory, 0, bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** Nobody reads the block any more. */
  release(block: number): void {
    const memory = this.used.get(block);
    if (memory === undefined) return;
    this.used.delete(block);
    this.free.push(memory);
  }
}

/** The next power of two: blocks of a source differ a little. */
function sizeFor(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, bytes)));
}
