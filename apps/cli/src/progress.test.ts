import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from './progress.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

test('a bar appears after a second, with stage, share and time, and is taken away at the end', () => {
  const screen = terminal(true);
  let now = 0;
  const progress = new Progress(screen, () => now);
  progress.update('impute', 0.25);
  now = 900;
  progress.draw();
  assert.deepEqual(screen.written, []);
  now = 3400;
  progress.draw();
  assert.equal(screen.written.at(-1), '\r\u001B[2Kimpute ██████░░░░░░░░░░░░░░░░░░ 25 % 3 s');
  progress.update('fit');
  progress.draw();
  assert.equal(screen.written.at(-1), '\r\u001B[2Kfit 3 s');
  progress.end();
  assert.equal(screen.written.at(-1), '\r\u001B[2K');
});

test('what is no terminal gets nothing', () => {
  const file = terminal(false);
  const progress = new Progress(file, () => 0);
  progress.update('impute', 0.5);
  progress.end();
  assert.deepEqual(file.written, []);
});
