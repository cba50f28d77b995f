import { LinnetError } from '@linnet/core';
import { EXIT } from '../report.ts';
import { readAddress, textOf } from './address.ts';

const PATIENCE_MS = 4000;

export interface AskHealthOptions {
  readonly live?: boolean;
}

/** Asks a process that runs with --health how it is. @returns the exit code: 0 where all is well */
export async function askHealth(address: string, { live }: AskHealthOptions): Promise<number> {
  const url = `http://${textOf(readAddress(address))}/${live === true ? 'live' : 'ready'}`;
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    const why = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
    throw new LinnetError('io.failed', `${url} does not answer: ${why}; does it run with --health?`, {
      cause: error,
    });
  }
  const text = (await response.text()).trim();
  (response.ok ? process.stdout : process.stderr).write(response.ok ? `${text}\n` : `linnet: ${text}\n`);
  return response.ok ? EXIT.done : EXIT.failed;
}
