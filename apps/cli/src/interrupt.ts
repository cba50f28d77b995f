import { EXIT } from './report.ts';

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: 143 } as const;

/** Does the work so that Ctrl-C, or being told to end, first runs `cleanup` and then exits with 130 (143). */
export async function interruptible<T>(work: () => Promise<T>, cleanup: () => void): Promise<T> {
  const stop = (signal: keyof typeof SIGNALS) => {
    cleanup();
    process.exit(SIGNALS[signal]);
  };
  for (const signal of Object.keys(SIGNALS)) process.once(signal, stop);
  try {
    return await work();
  } catch (error) {
    cleanup();
    throw error;
  } finally {
    for (const signal of Object.keys(SIGNALS)) process.removeListener(signal, stop);
  }
}
