/**
 * The client library, @confluentinc/kafka-javascript, built from its source against the Node that runs this. Needed where its
 * prebuilt binary cannot be downloaded; what was built is kept.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cached } from './cache.ts';
import { has, installDebian, run } from './run.ts';

const NAME = '@confluentinc/kafka-javascript';
const VERSION = '1.10.1';
const HEADERS = ['libcurl4-openssl-dev', 'libzstd-dev', 'libsasl2-dev', 'libssl-dev', 'zlib1g-dev'];
const BUILDERS = ['gcc', 'g++', 'make', 'python3'];

/** Folder of the built package; to be given to `LINNET_KAFKA_CLIENT`, or found there by Linnet itself. */
export function kafkaClient(): string {
  const installed = installedClient();
  if (installed !== undefined) return installed;
  const abi = `node${process.versions.modules}-${process.platform}-${process.arch}`;
  const folder = cached(`client-${VERSION}-${abi}`, (part) => {
    process.stderr.write(`linnet: building ${NAME} ${VERSION} (once, about a minute and a half)\n`);
    prepareSystem();
    build(part);
  });
  return join(folder, 'node_modules', NAME);
}

/** The package of the project's own node_modules, where it works. */
function installedClient(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const entry = require.resolve(NAME);
    require(NAME);
    return dirname(dirname(entry));
  } catch {
    return undefined;
  }
}

function prepareSystem(): void {
  const missing = BUILDERS.filter((program) => !has(program));
  const headers = HEADERS.filter(
    (name) => spawnSync('dpkg', ['-s', name], { stdio: 'ignore' }).status !== 0 && has('dpkg'),
  );
  const wanted = [...missing, ...headers];
  if (wanted.length > 0 && !installDebian(wanted)) {
    throw new Error(
      `the Kafka client cannot be built: install ${wanted.join(', ')} and run scripts/kafka client again`,
    );
  }
}

function build(folder: string): void {
  cpSync(join(import.meta.dirname, 'client'), folder, { recursive: true });
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  const cwd = join(folder, 'node_modules', NAME);
  const env = {
    ...process.env,
    CKJS_LINKING: 'dynamic',
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  };
  const gyp = join(folder, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const nodedir = dirname(dirname(process.execPath));
  const withHeaders = existsSync(join(nodedir, 'include', 'node', 'node.h')) ? [`--nodedir=${nodedir}`] : [];
  run(process.execPath, [gyp, 'configure', ...withHeaders], { cwd, env });
  try {
    // Its makefile says twice how one header comes about, and trips over that when several jobs run: once more goes on.
    run(process.execPath, [gyp, 'build', ...withHeaders, '-j', '2'], { cwd, env });
  } catch {
    run(process.execPath, [gyp, 'build', ...withHeaders, '-j', '2'], { cwd, env });
  }
}
