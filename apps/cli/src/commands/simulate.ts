import { Command, Option } from 'commander';
import { duration, instant, names, percent, positiveInteger, seed, wholeNumber } from '../options.ts';
import type { SimulateFleetOptions } from '../simulate/fleet/run-fleet.ts';
import type { SimulateAirOptions } from '../simulate/write-air.ts';

/** As the simulator knows them; named here so that help need not load it. */
const FAULTS = ['outage', 'storm', 'kill', 'server', 'sensor', 'clock'] as const;
const USUAL = ['outage', 'storm', 'kill', 'sensor'];

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('make readings whose truth is known')
    .addCommand(airCommand())
    .addCommand(fleetCommand());
}

function airCommand(): Command {
  return new Command('air')
    .description('readings of air sensors with smoke and broken sensors that are known')
    .option('--sensors <n>', 'how many sensors', positiveInteger, 40)
    .option('--days <n>', 'how many days', positiveInteger, 90)
    .option('--seed <n>', 'the same seed gives the same bytes', seed, 1)
    .addOption(
      new Option('--start <time>', 'time of the first reading (ISO 8601, UTC)')
        .argParser(instant)
        .default(Date.UTC(2024, 4, 1), '2024-05-01'),
    )
    .addOption(
      new Option('--interval <time>', 'between two readings of a sensor: 2min, 10min')
        .argParser(duration)
        .default(600_000, '10min'),
    )
    .addOption(
      new Option(
        '--layout <layout>',
        'which columns: csv (one value) or history (PurpleAir, channels A and B)',
      )
        .choices(['csv', 'history'])
        .default('csv'),
    )
    .option('--out <file>', 'where to write; gzip when it ends in .gz; standard output if not given')
    .option('--truth <file>', 'where to write what is smoke and what is broken, as JSON')
    .action(async (options: SimulateAirOptions) => {
      const { writeAir } = await import('../simulate/write-air.ts');
      await writeAir(options);
    });
}

function fleetCommand(): Command {
  return new Command('fleet')
    .description('devices over real connections to a real server while things go wrong: what is lost?')
    .option('--devices <n>', 'how many devices', positiveInteger, 2500)
    .addOption(
      new Option('--interval <time>', 'between two readings of a device')
        .argParser(duration)
        .default(1000, '1s'),
    )
    .addOption(
      new Option('--for <time>', 'how long readings are recorded').argParser(duration).default(60_000, '60s'),
    )
    .option('--loss <percent>', 'of a hundred connections, how many are reset', percent, 0)
    .addOption(
      new Option('--faults <names>', `what goes wrong: ${FAULTS.join(', ')}; none or all`)
        .argParser((text) => names(text, FAULTS))
        .default(USUAL, USUAL.join(',')),
    )
    .option('--seed <n>', 'the same seed, the same faults at the same moments', seed, 1)
    .option(
      '--backlog <n>',
      'readings that each device has on disk before it is ever connected',
      wholeNumber,
      0,
    )
    .option(
      '--processes <n>',
      'over how many processes devices are spread; default: 500 devices in each, at least 4',
      positiveInteger,
    )
    .option(
      '--broker <url>',
      'use a broker and a server that run: mqtt(s)://[user@]host[:port]; password in LINNET_MQTT_PASSWORD',
    )
    .option('--store <dir>', 'folder of the server’s store; its own server makes it; default a temporary one')
    .option('--ledger <dir>', 'folder for ledgers and buffers, which are kept; default a temporary one')
    .addOption(
      new Option('--wait <time>', 'how long what is not stored yet is waited for at the end')
        .argParser(duration)
        .default(180_000, '3min'),
    )
    .addOption(
      new Option('--output <format>', 'how the outcome is printed').choices(['text', 'json']).default('text'),
    )
    .action(async (options: SimulateFleetOptions) => {
      const { simulateFleet } = await import('../simulate/fleet/run-fleet.ts');
      process.exitCode = await simulateFleet(options);
    });
}
