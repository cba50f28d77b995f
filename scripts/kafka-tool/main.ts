import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBroker, stopBroker } from './broker.ts';
import { cacheFolder } from './cache.ts';
import { kafkaClient } from './client.ts';

const HELP = `scripts/kafka up [--port 9092] [--folder DIR]     start a broker on 127.0.0.1; prints its bootstrap address
scripts/kafka down [--port 9092] [--folder DIR] [--wipe]     end it; --wipe deletes its data
scripts/kafka client     build the client library where its prebuilt binary cannot be had; prints its folder
`;

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`kafka: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '9092' },
      folder: { type: 'string' },
      wipe: { type: 'boolean' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port ${values.port} is no port`);
  const folder = values.folder ?? join(cacheFolder(), `data-${port}`);
  const [command = 'help'] = positionals;
  if (command === 'up') {
    const { bootstrap } = await startBroker({ folder, port });
    process.stdout.write(`${bootstrap}\n`);
  } else if (command === 'down') {
    const ran = await stopBroker(folder, { wipe: values.wipe === true });
    process.stderr.write(ran ? 'kafka: ended\n' : `kafka: no broker runs in ${folder}\n`);
  } else if (command === 'client') {
    process.stdout.write(`${kafkaClient()}\n`);
  } else {
    (command === 'help' ? process.stdout : process.stderr).write(HELP);
    return command === 'help' ? 0 : 2;
  }
  return 0;
}
