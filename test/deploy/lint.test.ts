/** The Dockerfile, the compose file and the manifests, held against rules: no container engine is needed for that. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { apps, networkingK8sIo, policy, v1 } from 'kubernetes-models';
import { startFlowHealth } from '../../apps/cli/src/health/flow-health.ts';
import { compose, deploy, manifest, manifests, readYaml, stages, wordsOf, type Tree } from './files.ts';

/** A whole version, or a digest: the same image tomorrow. */
const PINNED = /(:v?\d+\.\d+\.\d+([-.][\w.-]+)?|:\d+\.\d+|@sha256:[\da-f]{64})$/;
const SECRET = /password|secret|token|passwd|api_?key/i;

test('Dockerfile: several stages, each image pinned, no root, a health check, commands in JSON form', () => {
  const all = stages();
  assert.ok(all.length >= 2);
  const names = new Set(all.map(({ name }) => name));
  for (const { image } of all) assert.ok(names.has(image) || PINNED.test(image), image);
  const last = all.at(-1)?.instructions ?? [];
  const of = (keyword: string) => last.filter((one) => one.getKeyword() === keyword);
  const user = of('USER').at(-1)?.getArgumentsContent() ?? 'root';
  // A number, so that runAsNonRoot can tell without the image's list of users.
  assert.match(user, /^[1-9]\d*$/);
  const place = (keyword: string) => last.findLastIndex((one) => one.getKeyword() === keyword);
  assert.ok(place('USER') > place('RUN'), 'what is run after USER may not be able to');
  assert.equal(of('HEALTHCHECK').length, 1);
  assert.ok(wordsOf(of('HEALTHCHECK')[0] as never).includes('health'));
  for (const keyword of ['ENTRYPOINT', 'CMD'])
    assert.ok(wordsOf(of(keyword)[0] as never).length > 0, keyword);
  const texts = all.flatMap(({ instructions }) => instructions);
  for (const one of texts) {
    const text = one.getArgumentsContent() ?? '';
    assert.notEqual(one.getKeyword(), 'ADD', 'COPY does not fetch or unpack');
    if (/^(ENV|ARG)$/.test(one.getKeyword())) assert.doesNotMatch(text, SECRET);
    if (/apt-get install/.test(text))
      assert.match(text, /--no-install-recommends[^]*rm -rf \/var\/lib\/apt\/lists/);
  }
});

test('Dockerfile: what it copies is there, and what must not get in is left out', () => {
  const ignored = readFileSync(join(deploy, '../.dockerignore'), 'utf8').split('\n');
  for (const name of ['.git', '**/node_modules', '**/dist', 'deploy/compose/secrets'])
    assert.ok(ignored.includes(name));
  for (const { instructions } of stages())
    for (const one of instructions.filter((each) => each.getKeyword() === 'COPY')) {
      const words = one.getArguments().map((each) => each.getValue());
      if (words[0]?.startsWith('--from=') === true || one.toString().includes('--from=')) continue;
      for (const path of words.slice(0, -1)) assert.ok(existsSync(join(deploy, '..', path)), path);
    }
});

test('compose: images pinned, limits, health checks, loopback alone, no plain secret', () => {
  const { services, secrets, volumes } = compose() as { services: Tree; secrets: Tree; volumes: Tree };
  for (const name of ['kafka', 'postgres', 'grafana', 'prometheus', 'linnet-0', 'linnet-1'])
    assert.ok(name in services, name);
  for (const [name, service] of Object.entries(services) as [string, Tree][]) {
    assert.match(service['image'], PINNED, name);
    assert.notEqual(service['privileged'], true, name);
    assert.ok(service['mem_limit'] !== undefined && service['cpus'] !== undefined, `${name} has no limits`);
    assert.ok(service['healthcheck'] !== undefined, `${name} has no health check`);
    assert.ok(service['security_opt']?.includes('no-new-privileges:true'), name);
    for (const port of service['ports'] ?? [])
      assert.match(String(port), /^127\.0\.0\.1:/, `${name}: ${port}`);
    for (const [variable, value] of Object.entries(service['environment'] ?? {})) {
      assert.equal(typeof value, 'string', `${name}: ${variable} must be text`);
      if (!SECRET.test(variable)) continue;
      // Files that the user makes; without them nothing starts.
      assert.match(variable, /_FILE$/, `${name}: ${variable}`);
      assert.match(value as string, /^\/run\/secrets\//);
    }
    for (const secret of service['secrets'] ?? []) {
      assert.ok(secret in secrets, secret);
    }
    for (const mount of service['volumes'] ?? []) {
      const [from = ''] = String(mount).split(':');
      if (!from.startsWith('.')) assert.ok(from in volumes, `${name}: ${from}`);
      else if (from !== './data') assert.ok(existsSync(join(deploy, 'compose', from)), from);
    }
    for (const needed of Object.keys(service['depends_on'] ?? {})) assert.ok(needed in services, needed);
  }
  for (const { file } of Object.values(secrets)) assert.match(file, /^\.\/secrets\//);
  assert.match(readFileSync(join(deploy, 'compose/.gitignore'), 'utf8'), /^secrets\/$/m);
});

test('compose: each process of the flow has a name, a state and a port of its own that are scraped and kept', () => {
  const { services, volumes } = compose() as { services: Tree; volumes: Tree };
  const [scraped] = readYaml(join(deploy, 'compose/prometheus.yaml'));
  const targets = scraped?.['scrape_configs'][0].static_configs[0].targets as string[];
  const members = Object.keys(services).filter((name) => /^linnet-\d+$/.test(name));
  assert.deepEqual(
    targets,
    members.map((name) => `${name}:9464`),
  );
  for (const name of members) {
    assert.ok(services[name].command.includes(`--instance=${name}`), name);
    assert.ok(name in volumes);
  }
});

test('manifests are what the API of Kubernetes takes', () => {
  const classes: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
    Namespace: v1.Namespace,
    ConfigMap: v1.ConfigMap,
    Service: v1.Service,
    StatefulSet: apps.v1.StatefulSet,
    PodDisruptionBudget: policy.v1.PodDisruptionBudget,
    NetworkPolicy: networkingK8sIo.v1.NetworkPolicy,
  };
  const seen = new Set<string>();
  for (const [name, object] of manifests()) {
    const kind = object['kind'] as string;
    if (kind === 'Kustomization') continue;
    const Type = classes[kind];
    assert.ok(Type, `${name}: no schema`);
    new Type(object as never).validate();
    seen.add(kind);
  }
  assert.deepEqual([...seen].toSorted(), Object.keys(classes).toSorted());
  assert.throws(() => new apps.v1.StatefulSet({ spec: { replicas: 'three' } } as never).validate());
});

test('the kustomization names every file, and pins the image', () => {
  const own = manifest('Kustomization/');
  const { resources, images } = own as { resources: string[]; images: Tree[] };
  const files = readdirSync(join(deploy, 'kubernetes')).filter((file) => file !== 'kustomization.yaml');
  assert.deepEqual(resources.toSorted(), files.toSorted());
  for (const file of resources) assert.ok(existsSync(join(deploy, 'kubernetes', file)), file);
  assert.match(String(images[0]?.['newTag']), /^\d+\.\d+\.\d+$/);
});

for (const name of ['linnet', 'linnet-serve'])
  test(`the StatefulSet ${name}: no root, limits, probes, every volume mounted, no secret`, () => {
    const { spec } = manifest(`StatefulSet/${name}`);
    const pod = spec.template.spec;
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.ok(pod.securityContext.runAsUser > 0);
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(spec.serviceName, manifest(`Service/${name}`).metadata.name);
    for (const container of pod.containers) {
      assert.match(container.image, PINNED);
      for (const kind of ['requests', 'limits'])
        for (const what of ['cpu', 'memory']) assert.ok(container.resources[kind][what], `${kind}.${what}`);
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
        assert.equal(container[probe].httpGet.port, 'health', probe);
      assert.ok(container.args.includes('--health=0.0.0.0:9464'));
      assert.deepEqual(
        [
          container.securityContext.allowPrivilegeEscalation,
          container.securityContext.readOnlyRootFilesystem,
          container.securityContext.capabilities.drop,
        ],
        [false, true, ['ALL']],
      );
      const mounts = container.volumeMounts.map((one: Tree) => one['name']);
      const there = [
        ...pod.volumes.map((one: Tree) => one['name']),
        ...spec.volumeClaimTemplates.map((one: Tree) => one['metadata'].name),
      ];
      assert.deepEqual(mounts.toSorted(), there.toSorted());
    }
  });

test('a process of the flow has a stable name, and its secrets by reference', () => {
  const [container] = manifest('StatefulSet/linnet').spec.template.spec.containers;
  assert.ok(container.args.includes('--instance=$(POD_NAME)'));
  const given = Object.fromEntries(container.env.map((one: Tree) => [one['name'], one]));
  assert.equal(given.POD_NAME.valueFrom.fieldRef.fieldPath, 'metadata.name');
  for (const argument of container.args as string[])
    for (const [, name = ''] of argument.matchAll(/\$\((\w+)\)/g)) assert.ok(name in given, name);
  for (const [name, one] of Object.entries(given) as [string, Tree][])
    if (SECRET.test(name)) assert.ok(one['valueFrom']?.secretKeyRef, `${name} stands in the manifest`);
  assert.ok(!manifests().some(([, { kind }]) => kind === 'Secret'), 'a secret is made by who runs this');
});

test('what selects the processes finds them', () => {
  const { spec } = manifest('StatefulSet/linnet');
  const { labels } = spec.template.metadata;
  const found = [
    spec.selector.matchLabels,
    manifest('Service/linnet').spec.selector,
    manifest('PodDisruptionBudget/linnet').spec.selector.matchLabels,
    manifest('NetworkPolicy/linnet').spec.podSelector.matchLabels,
  ];
  for (const selector of found)
    for (const [name, value] of Object.entries(selector)) assert.equal(labels[name], value);
  const serve = manifest('StatefulSet/linnet-serve').spec;
  for (const selector of [
    serve.selector.matchLabels,
    manifest('Service/linnet-serve').spec.selector,
    manifest('NetworkPolicy/linnet-serve').spec.podSelector.matchLabels,
  ])
    assert.deepEqual(selector, serve.template.metadata.labels);
});

test('the dashboard asks for metrics that there are', async () => {
  const health = await startFlowHealth({ host: '127.0.0.1', port: 0 });
  const text = await (await fetch(`http://127.0.0.1:${health.address.port}/metrics`)).text();
  health.close();
  const there = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
  const dashboard = JSON.parse(
    readFileSync(join(deploy, 'compose/grafana/dashboards/linnet.json'), 'utf8'),
  ) as Tree;
  const asked = (dashboard['panels'] as Tree[]).flatMap((panel) =>
    (panel['targets'] as Tree[]).flatMap(({ expr }) =>
      [...String(expr).matchAll(/\b(?:linnet|process|nodejs)_\w+/g)].map(([name]) => name),
    ),
  );
  for (const name of asked) assert.ok(there.has(name), `there is no metric ${name}`);
  const own = [...there].filter((name) => name?.startsWith('linnet_') === true);
  assert.deepEqual(
    own.filter((name) => !asked.includes(name as string)),
    [],
  );
  const [datasource] = readYaml(join(deploy, 'compose/grafana/datasources/prometheus.yaml'));
  for (const panel of dashboard['panels'] as Tree[])
    assert.equal(panel['datasource'].uid, datasource?.['datasources'][0].uid);
});
