const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** The partition of a key among `partitions`, as Kafka's own clients choose it (murmur2 of the key's bytes). */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** Chooses the partition of keys that are text as `partitionOf` does of their UTF-8, without making bytes for each. */
export class KeyPartitioner {
  private readonly partitions: number;
  private readonly encoder = new TextEncoder();
  private bytes = new Uint8Array(256);

  constructor(partitions: number) {
    this.partitions = partitions;
  }

  partitionOf(key: string): number {
    // The bytes may be others after this.
    const length = this.encode(key);
    return (hash(this.bytes, length) & 0x7fffffff) % this.partitions;
  }

  /** @returns the number of bytes */
  private encode(text: string): number {
    if (this.bytes.length < text.length * 3) this.bytes = new Uint8Array(text.length * 3);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return this.encoder.encodeInto(text, this.bytes).written;
      this.bytes[i] = code;
    }
    return text.length;
  }
}

/** 32-bit murmur2 with Kafka's seed (org.apache.kafka.common.utils.Utils.murmur2). */
export function murmur2(bytes: Uint8Array): number {
  return hash(bytes, bytes.length);
}

function hash(bytes: Uint8Array, length: number): number {
  let hashed = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let k =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    hashed = Math.imul(hashed, M) ^ Math.imul(k, M);
  }
  const left = length - at;
  if (left > 2) hashed ^= (bytes[at + 2] as number) << 16;
  if (left > 1) hashed ^= (bytes[at + 1] as number) << 8;
  if (left > 0) hashed = Math.imul(hashed ^ (bytes[at] as number), M);
  hashed = Math.imul(hashed ^ (hashed >>> 13), M);
  return hashed ^ (hashed >>> 15);
}
