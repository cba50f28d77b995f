/** In a network namespace of its own, whose only interface comes and goes while a gateway sends: `flapping-main.ts FOLDER`. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { serve } from '@linnet/server';
import { runLink } from './live-link.ts';

const [folder = ''] = process.argv.slice(2);
const ip = (state: 'up' | 'down'): void => {
  execFileSync('ip', ['link', 'set', 'lo', state]);
};
ip('up');
const data = join(folder, 'cloud');
const server = await serve({ data, mqtt: { port: 0 } });
const result = await runLink({
  id: 'gw-ns',
  up: server.url,
  near: join(folder, 'gateway'),
  data,
  instants: 240,
  // Down for two parts of three: packets are lost, and TCP sends them again.
  trouble: (part) => ip(part % 3 === 0 ? 'up' : 'down'),
  atEnd: () => ip('up'),
});
await server.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
