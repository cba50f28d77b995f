/** Every rule of the runtime's has its test: the table in docs/kafka.md names tests that there are. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../run-linnet.ts';

test('the table of rules names tests that there are', () => {
  const page = readFileSync(join(root, 'docs/kafka.md'), 'utf8');
  const [, table = ''] = page.split("## The runtime's rules, and their tests");
  const rows = table.split('## ')[0]?.match(/^\| (?!rule |-).*\|$/gm) ?? [];
  assert.ok(rows.length >= 16, `${rows.length} rules`);
  for (const row of rows) {
    const cell = row.split('|')[2]?.trim() ?? '';
    const [, file = '', names = ''] = /^([\w-]+): (.*)$/.exec(cell) ?? [];
    const source = readFileSync(join(root, 'test/kafka', `${file}.test.ts`), 'utf8');
    const first = (names.split(';')[0] ?? '').replace(/…$/, '').trim();
    assert.ok(source.includes(first), `${file}.test.ts has no test "${first}"`);
  }
});
