import type { Writable } from 'node:stream';

/** A function that writes text or bytes to a stream and resolves when the stream can take more. */
export function printer(stream: Writable): (chunk: string | Uint8Array) => Promise<void> {
  return (chunk) =>
    new Promise((resolve) => {
      if (stream.write(chunk)) resolve();
      else stream.once('drain', resolve);
    });
}
