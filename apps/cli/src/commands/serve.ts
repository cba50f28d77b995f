import { Command } from 'commander';
import { portNumber } from '../options.ts';
import type { RunServeOptions } from '../serve/run-serve.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('take in what a fleet of devices sends over MQTT, and store it')
    .option('--mqtt', 'embed a broker, which needs no set-up')
    .option('--host <address>', 'address that the embedded broker listens on', '127.0.0.1')
    .option('--port <n>', 'its port, 0 for any that is free; default 1883, with TLS 8883', portNumber)
    .option('--tls-cert <file>', 'certificate of the embedded broker, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option(
      '--tls-client-ca <file>',
      'authority of the devices’ certificates: each must show one (mutual TLS)',
    )
    .option('--no-anonymous', 'let nobody in without a credential, from this machine neither')
    .option('--data <dir>', 'folder of the store; made when missing', 'linnet-data')
    .option('--models <dir>', 'folder of forecasters (*.linnet) that gateways may use')
    .action(async (options: RunServeOptions) => {
      const { runServe } = await import('../serve/run-serve.ts');
      process.exitCode = await runServe(options);
    });
}
