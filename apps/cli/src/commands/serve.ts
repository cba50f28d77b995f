import { Command } from 'commander';
import { portNumber } from '../options.ts';
import type { RunServeOptions } from '../serve/run-serve.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('take in what a fleet of devices sends, and store it')
    .option('--mqtt', 'embed an MQTT broker')
    .option('--host <address>', 'address that the embedded broker listens on', '127.0.0.1')
    .option('--port <n>', 'port of the embedded broker; 0 takes any that is free', portNumber)
    .option('--data <dir>', 'folder of the store; made when missing', 'linnet-data')
    .action(async (options: RunServeOptions) => {
      const { runServe } = await import('../serve/run-serve.ts');
      process.exitCode = await runServe(options);
    });
}
