/** What the log needs of a disk. Every call is about files of one folder; a failing one throws an error with a `code` as Node's. */
export interface Disk {
  list(): { readonly name: string; readonly bytes: number }[];
  /** Makes an empty file whose name survives a power cut. */
  create(name: string): void;
  /** @returns bytes written, which may be fewer than given */
  write(name: string, position: number, bytes: Uint8Array): number;
  read(name: string, position: number, length: number): Uint8Array;
  truncate(name: string, length: number): void;
  remove(name: string): void;
  /** Makes what was written durable; `done` comes later, never within the call. */
  sync(name: string, done: (error?: Error) => void): void;
}

/** Why the disk refused: a full one may be helped by dropping, another failure not. */
export function isFull(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
