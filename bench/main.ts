/**
 * `npm run bench [-- --json] [-- PATTERN…]`: runs every scenario of bench/*.bench.ts whose id holds a pattern, and prints its
 * figure with its target and its peer's. Figures of peers are those recorded with the scenario.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Figure {
  readonly value: number;
  readonly unit: string;
}

interface Scenario {
  readonly id: string;
  run(): Figure | Promise<Figure>;
  readonly target?: number;
  readonly peer?: { readonly name: string; readonly value: number };
}

const patterns = process.argv.slice(2).filter((argument) => argument !== '--json');
const json = process.argv.includes('--json');
const unknown = patterns.filter((argument) => argument.startsWith('--'));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: there is no option ${unknown.join(' ')}; it takes --json and parts of scenario ids\n`,
  );
  process.exit(2);
}
for (const file of globSync(join(import.meta.dirname, '*.bench.ts')).toSorted()) {
  const { scenarios } = (await import(pathToFileURL(file).href)) as { scenarios: readonly Scenario[] };
  for (const scenario of scenarios) {
    if (patterns.length > 0 && !patterns.some((pattern) => scenario.id.includes(pattern))) continue;
    const figure = await scenario.run();
    process.stdout.write(
      json ? `${JSON.stringify(asData(scenario, figure))}\n` : `${asText(scenario, figure)}\n`,
    );
  }
}

function asData({ id, target, peer }: Scenario, { value, unit }: Figure): object {
  return { id, value, unit, target, peer, toTarget: ratio(value, target), toPeer: ratio(value, peer?.value) };
}

function asText({ id, target, peer }: Scenario, { value, unit }: Figure): string {
  const parts = [`${id}: ${shown(value)} ${unit}`];
  if (target !== undefined) parts.push(`${shown(value / target)} of the target ${shown(target)}`);
  if (peer !== undefined) parts.push(`${shown(value / peer.value)} of ${peer.name} (${shown(peer.value)})`);
  return parts.join(', ');
}

function ratio(value: number, other: number | undefined): number | undefined {
  return other === undefined ? undefined : value / other;
}

function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
