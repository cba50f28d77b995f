import { Command, InvalidArgumentError, Option } from 'commander';
import { duration, portNumber, positiveInteger, positiveNumber } from '../options.ts';
import type { RunServeOptions } from '../serve/run-serve.ts';

/** As the server's detector knows them; named here so that help need not load it. */
const Z_KINDS = ['rolling', 'exponential', 'robust'];

export function serveCommand(): Command {
  return new Command('serve')
    .description('take in what a fleet of devices sends over MQTT, and store it')
    .option('--mqtt', 'embed a broker, which needs no set-up')
    .option(
      '--broker <url>',
      'use another broker: mqtt(s)://[user@]host[:port]; password in LINNET_MQTT_PASSWORD',
    )
    .option('--broker-ca <file>', 'authority of its certificate, PEM')
    .option('--broker-cert <file>', 'certificate to show it, PEM')
    .option('--broker-key <file>', 'key of that, PEM')
    .option('--share <name>', 'share its messages with other instances on the same store ($share/name/…)')
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
    .option('--mapping <file>', 'topic -> sensor, region, metric, as JSON')
    .addOption(
      new Option('--detect <kind>', 'z-score by sensor and metric').choices(Z_KINDS).default('rolling'),
    )
    .option('--threshold <z>', '|z| above which a reading is anomalous', positiveNumber, 2)
    .option('--window <n>', 'readings that make the past (rolling, robust)', positiveInteger, 100)
    .option('--warm-up <n>', 'readings of a metric before it is judged; default 30', positiveInteger)
    .addOption(
      new Option('--clock-tolerance <time>', 'how far a device’s clock may be off and still be believed')
        .argParser(duration)
        .default(300_000, '5min'),
    )
    .option(
      '--alert <sink>',
      'where alerts go too: slack, webhook (addresses in the environment) or file:PATH (repeatable)',
      alertSinks,
    )
    .option(
      '--health <[host:]port>',
      'answer /live, /ready and /metrics there; host 127.0.0.1 if not given, port 0: any',
    )
    .addOption(
      new Option('--output <format>', 'how alerts are printed').choices(['text', 'json']).default('text'),
    )
    .action(async (options: RunServeOptions) => {
      const { runServe } = await import('../serve/run-serve.ts');
      process.exitCode = await runServe(options);
    });
}

function alertSinks(sink: string, all: readonly string[] = []): string[] {
  if (/^(?:slack|webhook|file:.+)$/.test(sink)) return [...all, sink];
  throw new InvalidArgumentError('It must be slack, webhook or file:PATH.');
}
