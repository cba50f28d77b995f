/**
 * What the image is made of, without an engine: the steps of the Dockerfile's first stage run in a folder, and what they made runs
 * the commands of the compose file and of the manifests, against a real broker.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { skip, startKafka, type TestKafka } from '../kafka/here.ts';
import { root } from '../run-linnet.ts';
import { compose, manifest, stages, wordsOf } from './files.ts';

const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.venv', '.cache', '.install-lock', 'golden']);
const folder = mkdtempSync(join(tmpdir(), 'linnet-image-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
const env = {
  ...inherited,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
  npm_config_prefer_offline: 'true',
};

/** A path of the image, as a path of the test's folder. */
const PLACES = ['/src', '/packages', '/app', '/var/lib/linnet', '/data'];
function here(text: string): string {
  return PLACES.reduce(
    (all, place) =>
      all.replace(new RegExp(`(^|[\\s=,:'"])${place}(?=$|[\\s/'"])`, 'g'), `$1${folder}${place}`),
    text,
  );
}

before(() => {
  const [build, last] = [stages().find(({ name }) => name === 'build'), stages().at(-1)];
  let cwd = folder;
  for (const instruction of build?.instructions ?? []) {
    const content = instruction.getArgumentsContent() ?? '';
    if (instruction.getKeyword() === 'WORKDIR') {
      cwd = join(folder, content);
      mkdirSync(cwd, { recursive: true });
    } else if (instruction.getKeyword() === 'COPY') {
      assert.equal(content, '. .');
      cpSync(root, cwd, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    } else if (instruction.getKeyword() === 'RUN') {
      execFileSync('sh', ['-ec', here(content)], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
    } else assert.fail(`the test does not know ${instruction.getKeyword()}`);
  }
  const flows = (last?.instructions ?? []).filter(
    (one) => one.getKeyword() === 'COPY' && !one.toString().includes('--from='),
  );
  for (const one of flows) {
    const [from = '', to = ''] = one.getArguments().map((each) => each.getValue());
    cpSync(join(root, from), here(to), { recursive: true });
  }
  mkdirSync(join(folder, '/var/lib/linnet'), { recursive: true });
});

/** The command of the image's last stage that a keyword gives, as it would be run. */
function ownCommand(keyword: string): string[] {
  const found = stages()
    .at(-1)
    ?.instructions.findLast((one) => one.getKeyword() === keyword);
  return wordsOf(found as never).map(here);
}

/** `node` of the image is the one that runs the tests. */
function start(words: readonly string[], more: Readonly<Record<string, string>> = {}): ChildProcess {
  const [command = '', ...args] = words;
  return spawn(command, args, { cwd: join(folder, 'app/flows'), env: { ...env, ...more } });
}

function finish(words: readonly string[]) {
  const [command = '', ...args] = words;
  return spawnSync(command, args, { cwd: join(folder, 'app/flows'), env, encoding: 'utf8' });
}

test('the image: what it starts with shows the help; its health check fails while nothing runs', () => {
  const entry = ownCommand('ENTRYPOINT');
  const help = finish([...entry, ...ownCommand('CMD')]);
  assert.equal(help.status, 0, help.stderr);
  assert.match(help.stdout, /Usage: linnet/);
  const lint = finish([...entry, 'lint', here('/app/flows/smoke/flow.ts')]);
  assert.equal(lint.status, 0, lint.stderr);
  const sick = finish(atPort(ownCommand('HEALTHCHECK'), 1));
  assert.equal(sick.status, 1);
  assert.match(sick.stderr, /127\.0\.0\.1:1\/ready does not answer/);
});

test('Kubernetes: linnet serve with the arguments of its manifest, TLS included, and its probes', async () => {
  const [container] = manifest('StatefulSet/linnet-serve').spec.template.spec.containers;
  const tls = join(folder, 'tls');
  mkdirSync(tls);
  const subject = ['-subj', '/CN=localhost', '-keyout', join(tls, 'tls.key'), '-out', join(tls, 'tls.crt')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject],
    {
      stdio: 'ignore',
    },
  );
  const args = (container.args as string[])
    .map(here)
    .map((one) => one.replace('/etc/linnet/tls', tls))
    .map((one) => one.replace('0.0.0.0:9464', '0').replace('--port=8883', '--port=0'));
  const [child, port] = await running([...ownCommand('ENTRYPOINT'), ...args]);
  const ask = async (probe: string) =>
    (await fetch(`http://127.0.0.1:${port}${container[probe].httpGet.path}`)).status;
  assert.equal(await ask('startupProbe'), 200);
  await until(async () => (await ask('readinessProbe')) === 200);
  assert.equal(await ask('livenessProbe'), 200);
  await end(child, 0);
});

await test('the commands over a real broker', { skip }, async (t) => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());
  const { services } = compose();

  await t.test('compose: load, a process that gets ready, its health check, its end', async () => {
    const entry = ownCommand('ENTRYPOINT');
    mkdirSync(join(folder, 'data'));
    const air = ['simulate', 'air', '--sensors', '4', '--days', '3', '--seed', '1', '--out'];
    assert.equal(finish([...entry, ...air, join(folder, 'data/readings.csv')]).status, 0);
    const load = finish(onBroker([...services.load.entrypoint, ...services.load.command]));
    assert.equal(load.status, 0, load.stderr);
    assert.match(load.stderr, /records into sensor_data \(4 partitions\)/);
    const member = services['linnet-0'];
    const [child, port] = await running(onBroker([...entry, ...member.command]));
    const [, ...check] = member.healthcheck.test as string[];
    await until(() => finish(atPort(check.map(here), port)).status === 0);
    await end(child);
  });

  await t.test('Kubernetes: the arguments, with TLS and login left out, and the probes', async () => {
    const [container] = manifest('StatefulSet/linnet').spec.template.spec.containers;
    const values: Readonly<Record<string, string>> = {
      POD_NAME: 'linnet-0',
      KAFKA_BROKERS: kafka.bootstrap,
      LINNET_TOPIC: manifest('ConfigMap/linnet').data.LINNET_TOPIC,
    };
    const connection = join(folder, 'connection.json');
    writeFileSync(connection, '{}');
    const args = (container.args as string[])
      .map((one) => one.replaceAll(/\$\((\w+)\)/g, (_, name: string) => values[name] ?? ''))
      .map((one) => one.replace('/etc/linnet/connection.json', connection))
      .map((one) => one.replace('--app=smoke', '--app=smoke-2'));
    const [child, port] = await running(onBroker([...ownCommand('ENTRYPOINT'), ...args]));
    const ask = async (probe: string) =>
      (await fetch(`http://127.0.0.1:${port}${container[probe].httpGet.path}`)).status;
    assert.equal(await ask('startupProbe'), 200);
    await until(async () => (await ask('readinessProbe')) === 200);
    assert.equal(await ask('livenessProbe'), 200);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(metrics, /^linnet_lanes\{state="running"\} 4$/m);
    await end(child);
  });

  function onBroker(words: readonly string[]): string[] {
    return words
      .map(here)
      .map((one) => one.replace('kafka:19092', kafka.bootstrap))
      .map((one) => one.replace('--health=0.0.0.0:9464', '--health=0'));
  }
});

/** Starts a process of the flow and waits until it says where its health can be asked. */
async function running(words: readonly string[]): Promise<[ChildProcess, number]> {
  const child = start(words);
  after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout?.resume();
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /health at http:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', () => reject(new Error(`it ended: ${said}`)));
  });
  return [child, port];
}

/** As a container is stopped: it ends by itself, soon. */
async function end(child: ChildProcess, expected = 130): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = (await gone) as [number | null];
  assert.equal(code, expected);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    if (await holds()) return;
    await wait(500);
  }
  assert.fail('it did not come about within a minute');
}

/** A health check asks its own port. */
function atPort(words: readonly string[], port: number): string[] {
  return words.map((one) => (one === '9464' ? String(port) : one));
}
