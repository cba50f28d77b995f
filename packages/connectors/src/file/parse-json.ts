import { LinnetError } from '@linnet/core';

/** What Python's json module writes although JSON has no such numbers. */
const PYTHON_NUMBERS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Parses JSON text, Python's NaN and Infinity included.
 * @param where file, or file and line, for the message
 * @throws LinnetError `data.invalid` with the byte at which the text stops being JSON
 */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const offset = jsonErrorOffset(text);
    if (offset === undefined) return JSON.parse(text.replace(PYTHON_NUMBERS, pythonNumber));
    const byte = Buffer.byteLength(text.slice(0, offset)) + 1;
    const bytes = Buffer.byteLength(text);
    const what =
      offset > 0 && UNFINISHED.test(text.slice(offset))
        ? `ends in the middle of the JSON, after ${bytes} bytes: it was cut short; fetch or write it again`
        : `is not JSON at byte ${byte} of ${bytes}, at ${excerpt(text, offset)}`;
    throw new LinnetError('data.invalid', `${where} ${what}`, { cause });
  }
}

function pythonNumber(token: string): string {
  if (token.startsWith('"')) return token;
  if (token === 'NaN' || token === '-NaN') return 'null';
  return token.startsWith('-') ? '-1e999' : '1e999';
}

function excerpt(text: string, offset: number): string {
  const shown = text.slice(offset, offset + 20);
  return JSON.stringify(shown) + (offset + 20 < text.length ? '…' : '');
}

/** The rest of a text that ends within a token. */
const UNFINISHED = /^[\w.+-]*$/;
const NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity|NaN)|true|false|null/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

/** What may come next. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

/**
 * Where the text stops being JSON, or nothing when it is JSON but for NaN and Infinity. JSON.parse names a position
 * in some of its messages only.
 */
export function jsonErrorOffset(text: string): number | undefined {
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    at = skipSpace(text, at);
    const mark = text.charAt(at);
    const inside = open.at(-1);
    if (at === text.length) return expected === 'comma or end' && inside === undefined ? undefined : at;
    if (expected.endsWith('or end') && mark === inside) {
      open.pop();
      expected = 'comma or end';
      at++;
    } else if (expected === 'comma or end') {
      if (mark !== ',' || inside === undefined) return at;
      expected = inside === '}' ? 'key' : 'value';
      at++;
    } else if (expected === 'colon') {
      if (mark !== ':') return at;
      expected = 'value';
      at++;
    } else if (mark === '"') {
      const end = stringEnd(text, at);
      if (end < 0) return -end;
      expected = expected.startsWith('key') ? 'colon' : 'comma or end';
      at = end;
    } else if (expected.startsWith('key')) {
      return at;
    } else if (mark === '{' || mark === '[') {
      open.push(mark === '{' ? '}' : ']');
      expected = mark === '{' ? 'key or end' : 'value or end';
      at++;
    } else {
      NUMBER.lastIndex = at;
      const match = NUMBER.exec(text);
      if (match === null) return at;
      expected = 'comma or end';
      at += match[0].length;
    }
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

/** The offset after the closing quote; negative, the offset of what is wrong. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -at;
    if (code !== 0x5c) continue;
    ESCAPE.lastIndex = at + 1;
    const match = ESCAPE.exec(text);
    if (match === null) return -(at + 1);
    at += match[0].length;
  }
  return -text.length;
}
