import { Command, Option } from 'commander';
import type { DeviceOptions } from '../serve/devices.ts';

export function deviceCommand(): Command {
  return new Command('device')
    .description('say which devices may connect to linnet serve')
    .addCommand(
      shared(new Command('add'), 'let a device in; prints its secret, once')
        .argument('<name>', 'A-Z a-z 0-9 . _ -')
        .option('--tenant <name>', 'whose device it is; its readings are kept apart by that')
        .action(async (name: string, options: DeviceOptions) => (await work()).addDevice(name, options)),
    )
    .addCommand(
      shared(new Command('list'), 'list the devices').action(async (options: DeviceOptions) =>
        (await work()).listDevices(options),
      ),
    )
    .addCommand(
      shared(new Command('rotate'), 'give a device a new secret; the old one ends at once')
        .argument('<name>')
        .action(async (name: string, options: DeviceOptions) => (await work()).rotateDevice(name, options)),
    )
    .addCommand(
      shared(new Command('remove'), 'let a device in no more; its readings stay')
        .argument('<name>')
        .action(async (name: string, options: DeviceOptions) => (await work()).removeDevice(name, options)),
    );
}

function shared(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--data <dir>', 'folder of the store', 'linnet-data')
    .addOption(
      new Option('--output <format>', 'how it is printed').choices(['text', 'json']).default('text'),
    );
}

const work = () => import('../serve/devices.ts');
