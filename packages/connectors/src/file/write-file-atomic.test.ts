import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AtomicFile, writeFileAtomic } from './write-file-atomic.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-atomic-'));

test('a file keeps its old content until the new one is complete', () => {
  const path = join(folder, 'a.txt');
  writeFileSync(path, 'old');
  const file = new AtomicFile(path);
  file.write('new ');
  file.write(Buffer.from('content'));
  assert.equal(readFileSync(path, 'utf8'), 'old');
  file.commit();
  assert.equal(readFileSync(path, 'utf8'), 'new content');
});

test('what is discarded leaves nothing behind', () => {
  const path = join(folder, 'b.txt');
  const file = new AtomicFile(path);
  file.write('half');
  file.discard();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('b.txt')),
    [],
  );
});

test('a link keeps leading to its file, and the file keeps its mode', () => {
  const [path, link] = [join(folder, 'c.txt'), join(folder, 'link.txt')];
  writeFileSync(path, 'old');
  chmodSync(path, 0o640);
  symlinkSync(path, link);
  writeFileAtomic(link, 'new');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o640);
});

test('a device is written to, not replaced', () => {
  writeFileAtomic('/dev/null', 'gone');
  assert.ok(lstatSync('/dev/null').isCharacterDevice());
  assert.ok(!existsSync('/dev/.null.partial'));
});

test('a missing folder and a folder are refused by name', () => {
  assert.throws(
    () => new AtomicFile(join(folder, 'no', 'd.txt')),
    /cannot write .*d\.txt: there is no folder .*no$/,
  );
  assert.throws(() => new AtomicFile(folder), { code: 'io.failed', message: /it is a folder/ });
});
