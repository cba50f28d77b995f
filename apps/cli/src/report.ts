import { LinnetError } from '@linnet/core/base';

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Says on stderr what went wrong, in one line and, with `debug`, its stack.
 * @returns the exit code
 */
export function report(error: unknown, debug: boolean): number {
  const known = error instanceof LinnetError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`linnet: ${message}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  else if (!known) process.stderr.write('This is a defect of Linnet; --debug shows where.\n');
  return known && error.code === 'usage' ? EXIT.usage : EXIT.failed;
}
