import type { Intake } from './intake.ts';
import { LineSplitter } from './line-splitter.ts';

/** Reads to the end of the input, no faster than the disk takes it. */
export async function fromStdin(intake: Intake, stop: AbortSignal): Promise<void> {
  const splitter = new LineSplitter();
  let line = 0;
  const take = async (lines: readonly string[]) => {
    const before = line;
    line += lines.length;
    await intake.lines(lines, (index) => `line ${before + index + 1}`);
  };
  const { stdin } = process;
  stop.addEventListener('abort', () => stdin.destroy(), { once: true });
  try {
    for await (const chunk of stdin) await take(splitter.push(chunk as Buffer));
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  if (!stop.aborted) await take([splitter.end()]);
}
