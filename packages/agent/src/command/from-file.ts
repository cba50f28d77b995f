import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pause } from './from-command.ts';
import type { Intake } from './intake.ts';

const CHUNK_BYTES = 64 << 10;
const POLL_MS = 200;
const LINE_END = 10;
const LINE_BYTES_MAX = 1 << 20;

/** How far a file was read. Its inode tells a file that was rotated from the one that took its name. */
interface Place {
  readonly inode: string;
  readonly offset: number;
}

/**
 * Follows a file as `tail -F` does, from its beginning, through rotation and truncation. How far it was read is kept beside the buffer, so that a
 * restart goes on there; a file that was rotated meanwhile is first read to its end.
 */
export class FollowedFile {
  private readonly path: string;
  private readonly placeFile: string;
  private readonly intake: Intake;
  private descriptor: number | undefined;
  private inode = '';
  /** End of the last line that was recorded. */
  private offset = 0;

  constructor(path: string, buffer: string, intake: Intake) {
    this.path = resolve(path);
    this.intake = intake;
    const folder = join(buffer, 'follow');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const name = createHash('sha256').update(this.path).digest('hex').slice(0, 24);
    this.placeFile = join(folder, `${name}.json`);
    this.resume();
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.poll(stop);
      await pause(POLL_MS, stop);
    }
    this.close();
  }

  /** Reads all that is new. */
  async poll(stop: AbortSignal): Promise<void> {
    await this.readOn(stop, false);
    const now = inodeOf(this.path);
    if (now === undefined || (now === this.inode && this.descriptor !== undefined)) return;
    // Another file has the name: what was written to the old one before it lost it comes first.
    await this.readOn(stop, true);
    if (stop.aborted) return;
    this.open(this.path, 0);
    await this.readOn(stop, false);
  }

  private async readOn(stop: AbortSignal, last: boolean): Promise<void> {
    const { descriptor } = this;
    if (descriptor === undefined) return;
    if (fstatSync(descriptor).size < this.offset) this.offset = 0;
    while (!stop.aborted) {
      const bytes = this.lines(descriptor, last);
      if (bytes.length === 0) return;
      const from = this.offset;
      const texts = bytes.toString('utf8').split('\n');
      await this.intake.lines(texts, (index) => `${this.path}, line ${index + 1} after byte ${from}`);
      this.offset += bytes.length;
      this.keep();
    }
  }

  /** The next bytes up to the end of a line; at the `last` of a file its end will do. */
  private lines(descriptor: number, last: boolean): Buffer {
    for (let size = CHUNK_BYTES; ; size *= 2) {
      const bytes = Buffer.allocUnsafe(size);
      const got = readSync(descriptor, bytes, 0, size, this.offset);
      const end = bytes.subarray(0, got).lastIndexOf(LINE_END) + 1;
      if (end > 0) return bytes.subarray(0, end);
      if (got < size) return bytes.subarray(0, last ? got : 0);
      if (size >= LINE_BYTES_MAX) return bytes.subarray(0, got);
    }
  }

  private resume(): void {
    const place = readPlace(this.placeFile);
    if (place === undefined) return;
    const folder = dirname(this.path);
    const rotated = readdirSync(folder)
      .filter((name) => name.startsWith(basename(this.path)))
      .map((name) => join(folder, name))
      .find((path) => inodeOf(path) === place.inode);
    if (rotated !== undefined) this.open(rotated, place.offset);
  }

  private open(path: string, offset: number): void {
    this.close();
    this.descriptor = openSync(path, 'r');
    this.inode = String(fstatSync(this.descriptor, { bigint: true }).ino);
    this.offset = offset;
  }

  private close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private keep(): void {
    const place: Place = { inode: this.inode, offset: this.offset };
    writeFileSync(`${this.placeFile}.new`, JSON.stringify(place));
    renameSync(`${this.placeFile}.new`, this.placeFile);
  }
}

function inodeOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found?.isFile() ? String(found.ino) : undefined;
}

function readPlace(file: string): Place | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<Place>;
    return typeof value.inode === 'string' && Number.isSafeInteger(value.offset)
      ? { inode: value.inode, offset: value.offset as number }
      : undefined;
  } catch {
    return undefined;
  }
}
