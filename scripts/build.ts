/**
 * `npm run build`: compiles every package to its `dist` folder, JavaScript and declarations, in the order in which they depend
 * on each other. A checkout runs from its sources and needs none of this; `npm pack` does.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly needs: readonly string[];
  /** Types of the platform that its sources may use. */
  readonly types: readonly string[];
}

process.chdir(dirname(import.meta.dirname));
const packages = globSync('{packages,apps}/*/package.json')
  .map((file): Package => {
    const { name, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as {
      name: string;
      dependencies?: Record<string, string>;
    };
    return {
      folder: dirname(file),
      name,
      needs: Object.keys(dependencies),
      types: name === '@linnet/core' ? [] : ['node'],
    };
  })
  .filter(({ folder }) => existsSync(join(folder, 'src/index.ts')));

for (const each of inOrder(packages)) {
  const started = performance.now();
  compile(each);
  process.stdout.write(`built ${each.name} in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Those that others need come first. */
function inOrder(all: readonly Package[]): Package[] {
  const sorted: Package[] = [];
  const add = (one: Package) => {
    if (sorted.includes(one)) return;
    for (const other of all) if (one.needs.includes(other.name)) add(other);
    sorted.push(one);
  };
  for (const one of all.toSorted((a, b) => a.name.localeCompare(b.name))) add(one);
  return sorted;
}

function compile({ folder, name, types }: Package): void {
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  const config = join(dist, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: '../../../tsconfig.base.json',
      compilerOptions: {
        types,
        // Other packages are seen as their users see them.
        customConditions: [],
        noEmit: false,
        declaration: true,
        rootDir: '../src',
        outDir: '.',
      },
      include: ['../src'],
      exclude: ['../src/**/*.test.ts', '../src/**/fixtures', '../src/kernels/assembly'],
    }),
  );
  const tsc = 'node_modules/typescript-7/bin/tsc';
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  rmSync(config);
  if (status === 0) return;
  process.stderr.write(`${stdout}${name} cannot be compiled\n`);
  process.exit(1);
}
