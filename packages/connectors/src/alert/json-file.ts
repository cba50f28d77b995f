import { open, type FileHandle } from 'node:fs/promises';
import { LinnetError, type Sink } from '@linnet/core';

/**
 * Appends each record to a file, JSON, a line each, on disk before it counts as delivered. With --recovery at least once each; after
 * a crash the last few may stand there twice.
 * @throws LinnetError `io.failed` when the file cannot be opened or written to
 */
export function jsonFile<T>(path: string): Sink<T> {
  return {
    kind: 'file',
    open({ step }) {
      let file: Promise<FileHandle> | undefined;
      const failed = (cause: unknown) =>
        new LinnetError('io.failed', `sink "${step}": cannot write ${path}: ${(cause as Error).message}`, {
          cause,
        });
      return {
        async write(items) {
          try {
            const handle = await (file ??= open(path, 'a', 0o600));
            await handle.appendFile(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
            await handle.datasync();
          } catch (cause) {
            throw failed(cause);
          }
        },
        async close() {
          await (await file?.catch(() => undefined))?.close();
        },
      };
    },
  };
}
