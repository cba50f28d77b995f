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

/** The last line of a function's head: a declaration or method on one line, the end of wrapped parameters, an arrow. */
const HEADS = [
  /^\s*(?:export )?(?:default )?(?:async )?function\b.*\{$/,
  /^\s*(?:(?:private|protected|public|static|override|async|get|set) )*\*?[\w$#]+(?:<.*>)?\(.*\).*\{$/,
  /^\s*\)(?:: .*)? \{$/,
  /=> \{$/,
];
const STATEMENT = /^\s*(?:\} )?(?:if|for|while|switch|catch|else|return)\b(?!.*=> \{$)/;

process.chdir(dirname(import.meta.dirname));
const breaches = globSync('{packages,apps,scripts,bench,sim,test,examples}/**/*.ts', {
  exclude: ['**/node_modules/**', '**/dist/**', '**/assembly/**'],
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

/** Prettier's layout makes this exact enough: a body ends at a closing brace with its head's indentation. */
function longFunctions(file: string, lines: string[]): string[] {
  const found: string[] = [];
  lines.forEach((line, start) => {
    if (!HEADS.some((head) => head.test(line)) || STATEMENT.test(line)) return;
    const indentation = /^\s*/.exec(line)?.[0] ?? '';
    const end = lines.findIndex((other, index) => index > start && other.startsWith(`${indentation}}`));
    if (end - start + 1 > FUNCTION_LINES_MAX) {
      found.push(
        `${file}:${start + 1}: a function of ${end - start + 1} lines, at most ${FUNCTION_LINES_MAX}`,
      );
    }
  });
  return found;
}
