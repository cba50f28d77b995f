import type { Writable } from 'node:stream';

/** A function that writes text to a stream and resolves when the stream can take more. */
export function printer(stream: Writable): (text: string) => Promise<void> {
  return (text) =>
    new Promise((resolve) => {
      if (stream.write(text)) resolve();
      else stream.once('drain', resolve);
    });
}
