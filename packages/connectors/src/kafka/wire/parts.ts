/** Values as Kafka's protocol lays them out (its versions before the compact ones). */
export class Writer {
  private readonly parts: Buffer[] = [];

  int8(value: number): this {
    return this.number(1, (bytes) => bytes.writeInt8(value));
  }

  int16(value: number): this {
    return this.number(2, (bytes) => bytes.writeInt16BE(value));
  }

  int32(value: number): this {
    return this.number(4, (bytes) => bytes.writeInt32BE(value));
  }

  string(text: string): this {
    const bytes = Buffer.from(text);
    this.int16(bytes.length).parts.push(bytes);
    return this;
  }

  buffer(bytes: Buffer): this {
    this.int32(bytes.length).parts.push(bytes);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  private number(size: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.alloc(size);
    write(bytes);
    this.parts.push(bytes);
    return this;
  }
}

/** Reads in order; what is too short throws a RangeError. */
export class Reader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  int8(): number {
    return this.bytes.readInt8(this.skip(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.skip(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.skip(4));
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.bytes.toString('utf8', this.skip(length), this.at);
  }

  buffer(): Buffer {
    const length = Math.max(0, this.int32());
    return this.bytes.subarray(this.skip(length), this.at);
  }

  list<T>(one: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, one);
  }

  private skip(size: number): number {
    const at = this.at;
    this.at += size;
    return at;
  }
}
