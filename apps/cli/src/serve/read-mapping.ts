import { readFileSync } from 'node:fs';
import { LinnetError } from '@linnet/core';

/** @throws LinnetError `io.not-found`, `config.invalid` */
export function readMapping(file: string): { config: unknown; file: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LinnetError('io.not-found', `cannot read the mapping ${file}: ${(cause as Error).message}`, {
      cause,
    });
  }
  try {
    return { config: JSON.parse(text) as unknown, file };
  } catch (cause) {
    throw new LinnetError('config.invalid', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
