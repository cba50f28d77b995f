import { Command, type OutputConfiguration } from 'commander';
import { commands } from './commands/index.ts';

const OUTPUT: OutputConfiguration = {
  outputError: (text, write) => write(text.replace(/^error: /, 'linnet: ')),
};

/** The whole command line, ready to be parsed or described. Errors are thrown, not told. */
export function program(): Command {
  const linnet = new Command('linnet')
    .description('anomaly detection for sensor fleets')
    .version('0.1.0')
    .option('--debug', 'show the stack trace of an error')
    .exitOverride()
    .configureOutput(OUTPUT);
  for (const make of commands) linnet.addCommand(adapted(make()));
  return linnet;
}

/** Gives a command, and those below it, the program's way with errors. */
function adapted(command: Command, path = command.name()): Command {
  for (const below of command.commands) adapted(below, `${path} ${below.name()}`);
  return command
    .exitOverride()
    .option('--debug', 'show the stack trace of an error')
    .configureOutput(OUTPUT)
    .showHelpAfterError(`(linnet ${path} --help lists the options)`);
}
