/**
 * Rules that no linter has: length of files and functions, and no clock, chance or timer outside the ports.
 * Prints one line a breach and exits 1 if there is any.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;
/** core is synchronous and sans-IO: whatever is not a function of its inputs comes in as a port. */
const FORBIDDEN_IN_CORE = [
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bMath\.random\b/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bperformance\./,
  /['"]node:/,
];

process.chdir(dirname(import.meta.dirname));
const breaches = globSync('{packages,apps,scripts,bench,test,examples}/**/*.ts', {
  exclude: (path) => /node_modules|dist|assembly/.test(path),
})
  .filter((file) => !/\.gen\.ts$|\.wasm\.ts$|\.d\.ts$/.test(file))
  .flatMap((file) => breachesOf(file, readFileSync(file, 'utf8').split('\n')));
for (const breach of breaches) process.stdout.write(`${breach}\n`);
process.exit(breaches.length === 0 ? 0 : 1);

function breachesOf(file: string, lines: string[]): string[] {
  const found: string[] = [];
  if (lines.length > FILE_LINES_MAX) found.push(`${file}: ${lines.length} lines, at most ${FILE_LINES_MAX}`);
  const isTest = file.endsWith('.test.ts');
  if (!isTest) found.push(...longFunctions(file, lines));
  if (file.startsWith('packages/core/src/') && !isTest) {
    lines.forEach((line, index) => {
      if (/^\s*(?:\*|\/\/|\/\*)/.test(line)) return;
      for (const rule of FORBIDDEN_IN_CORE) {
        if (rule.test(line)) found.push(`${file}:${index + 1}: ${rule.source} belongs behind a port`);
      }
    });
  }
  return found;
}

/** Prettier's layout makes this exact enough: a body ends at a closing brace with its opener's indentation. */
function longFunctions(file: string, lines: string[]): string[] {
  const found: string[] = [];
  const opener =
    /^(\s*)(?:export )?(?:default )?(?:async )?(?:function\b.*|(?:(?:private|protected|public|static|override|async|get|set) )*\*?[\w$]+\(.*\).*)\{$/;
  lines.forEach((line, start) => {
    const match = opener.exec(line);
    if (match === null || /^\s*(?:if|for|while|switch|catch|else|return)\b/.test(line)) return;
    const end = lines.findIndex((other, index) => index > start && other.startsWith(`${match[1]}}`));
    if (end - start + 1 > FUNCTION_LINES_MAX) {
      found.push(
        `${file}:${start + 1}: a function of ${end - start + 1} lines, at most ${FUNCTION_LINES_MAX}`,
      );
    }
  });
  return found;
}
