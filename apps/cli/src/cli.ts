/**
 * The command line: one file a command under commands/. A command's file declares its options and loads the work on
 * demand, so that `linnet --help` reads nothing else. stdout carries data only.
 */
import { CommanderError } from 'commander';
import { program } from './program.ts';
import { EXIT, report } from './report.ts';

/** Runs one command line and sets the exit code: 0 done, 1 failed, 2 usage, 130 interrupted. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  try {
    await program().parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      return;
    }
    process.exitCode = report(error, args.includes('--debug'));
  }
}
