import { errorCodes } from '../../packages/core/src/base/error.ts';
import { cell, MADE_BY, type Page } from './page.ts';

/** The table of error codes. */
export function errorPage(): Page {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => `| \`${code}\` | ${cell(meaning)} |`);
  const text = `${MADE_BY}

# Error codes

What Linnet throws is a \`LinnetError\` with a \`code\` from this table, a message that says where and what to do, and \`retryable\`,
true where the same call may succeed later. Codes never change meaning. On the command line \`usage\` exits with 2, every other with 1;
the code itself is in the stack trace that \`--debug\` adds.

| code | meaning |
| ---- | ------- |
${rows.join('\n')}
`;
  return { path: 'docs/reference/errors.md', text };
}
