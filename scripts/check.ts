/**
 * `npm run check [-- NAME…]`: lint, types, format, dependency direction, tidiness and generated files.
 * Prints what each check says when it fails, and `N passed, N failed` at the end.
 */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

const node = process.execPath;
const checks: Record<string, readonly (readonly string[])[]> = {
  lint: [['node_modules/oxlint/bin/oxlint', '--deny-warnings']],
  types: [
    ['node_modules/typescript-7/bin/tsc', '-p', 'packages/core'],
    ['node_modules/typescript-7/bin/tsc', '-p', '.'],
  ],
  format: [['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']],
  dependencies: [
    [
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      'scripts/dependency-cruiser.cjs',
      '--output-type=err-long',
      'packages',
      'apps',
    ],
  ],
  tidy: [['scripts/tidy.ts']],
  generated: [
    ['--conditions=source', 'scripts/generate.ts', '--check'],
    ['scripts/build-kernels.ts', '--check'],
  ],
};

process.chdir(dirname(import.meta.dirname));
const wanted = process.argv.slice(2);
let [passed, failed] = [0, 0];
for (const [name, commands] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const outputs = commands.map((command) =>
    spawnSync(node, command, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } }),
  );
  const bad = outputs.filter((output) => output.status !== 0);
  process.stdout.write(`${bad.length === 0 ? 'ok    ' : 'FAILED'} ${name}\n`);
  for (const output of bad) process.stdout.write(`${output.stdout}${output.stderr}\n`);
  if (bad.length === 0) passed++;
  else failed++;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
