import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface LinesFile {
  readonly path: string;
  readonly records: number;
}

/** The bundled snapshot as JSON lines (273 bytes a record), so many times over, in a file that goes with this process. */
export function purpleAirLines(times: number): LinesFile {
  const source = new URL('../examples/purpleair/data.json', import.meta.url);
  const { fields, data } = JSON.parse(readFileSync(source, 'utf8')) as {
    fields: string[];
    data: unknown[][];
  };
  const lines = data
    .map((record) => `${JSON.stringify(Object.fromEntries(fields.map((name, at) => [name, record[at]])))}\n`)
    .join('');
  return { path: temporaryFile('air.jsonl', lines.repeat(times)), records: data.length * times };
}

/** A file in a folder of its own that is removed when this process ends. */
export function temporaryFile(name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
