/**
 * The command line: one file a command under commands/. A command's file declares its options and loads the work on
 * demand, so that `linnet --help` reads nothing else. stdout carries data only.
 */
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { commands } from './commands/index.ts';
import { EXIT, report } from './report.ts';

/** Runs one command line and sets the exit code: 0 done, 1 failed, 2 usage, 130 interrupted. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  const program = new Command('linnet')
    .description('anomaly detection for sensor fleets')
    .version('0.1.0')
    .option('--debug', 'show the stack trace of an error')
    .exitOverride()
    .configureOutput(OUTPUT);
  for (const make of commands) program.addCommand(adapted(make()));
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      return;
    }
    process.exitCode = report(error, args.includes('--debug'));
  }
}

const OUTPUT: OutputConfiguration = {
  outputError: (text, write) => write(text.replace(/^error: /, 'linnet: ')),
};

/** Gives a command, and those below it, the program's way with errors. */
function adapted(command: Command, path = command.name()): Command {
  for (const below of command.commands) adapted(below, `${path} ${below.name()}`);
  return command
    .exitOverride()
    .option('--debug', 'show the stack trace of an error')
    .configureOutput(OUTPUT)
    .showHelpAfterError(`(linnet ${path} --help lists the options)`);
}
