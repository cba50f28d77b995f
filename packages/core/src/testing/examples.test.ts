import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';

const source = new URL('../', import.meta.url);
const entry = new URL('index.ts', source);
const stages = 'decode,impute,scale,model,threshold,drift,window,classify,transmit';

/** Lines of the example in a component's docstring. */
function exampleOf(text: string): string[] {
  const block = /@example\n([\s\S]*?)\n \*\/\nexport const \w+ = define/.exec(text)?.[1];
  return block?.split('\n').map((line) => line.replace(/^ \* ?/, '')) ?? [];
}

for (const file of globSync(`{${stages}}/*.ts`, { cwd: source.pathname }).toSorted()) {
  const text = readFileSync(new URL(file, source), 'utf8');
  if (!/^export const \w+ = define\w+\(/m.test(text) || file.endsWith('.test.ts')) continue;
  test(`the example of ${file} prints what it says`, async () => {
    const lines = exampleOf(text);
    assert.ok(lines.length > 0 && lines.length <= 8, 'a component has an @example of at most 8 lines');
    const [, expression, expected] = /^(.*); \/\/ (.*)$/.exec(lines.pop() as string) ?? [];
    assert.ok(expression && expected, 'the last line of an example ends in `; // what it prints`');
    const body = [...lines, `export default ${expression};`].join('\n').replaceAll(/\((\w+): \w+\)/g, '($1)');
    const known = Object.keys((await import(entry.href)) as object);
    const names = known.filter((name) => new RegExp(`\\b${name}\\(`).test(body)).join(', ');
    const code = `import { ${names} } from '${entry.href}';\n${body}`;
    const url = `data:text/javascript,${encodeURIComponent(code)}`;
    const { default: result } = (await import(url)) as { default: unknown };
    assert.equal(inspect(result), expected);
  });
}
