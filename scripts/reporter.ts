/**
 * Reporter for node:test: a line a file, failures in full, `N passed, N failed` at the end.
 * A skipped test is counted aloud, never silently.
 */
import { relative } from 'node:path';

interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly file?: string;
    readonly nesting: number;
    readonly line?: number;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly message?: string;
    readonly details?: {
      readonly duration_ms: number;
      readonly type?: string;
      readonly error?: { readonly failureType?: string; readonly cause?: unknown };
    };
  };
}

interface FileTally {
  passed: number;
  failed: number;
  skipped: number;
  milliseconds: number;
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files = new Map<string, FileTally>();
  const skipped: string[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message ?? '';
      continue;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const file = data.file === undefined ? data.name : relative(process.cwd(), data.file);
    if (data.nesting === 0 && isFile(data)) continue;
    const tally = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
    files.set(file, tally);
    if (data.nesting === 0) tally.milliseconds += data.details?.duration_ms ?? 0;
    if (data.details?.type === 'suite') continue;
    if (data.skip !== undefined || data.todo !== undefined) {
      tally.skipped++;
      skipped.push(`${file}: ${data.name} (${data.skip ?? data.todo})`);
    } else if (type === 'test:pass') {
      tally.passed++;
    } else if (data.details?.error?.failureType !== 'subtestsFailed') {
      tally.failed++;
      yield `\nFAILED ${file}:${data.line ?? 0} ${data.name}\n${indent(data.details?.error)}\n`;
    }
  }
  yield* summary(files, skipped);
}

function* summary(files: Map<string, FileTally>, skipped: string[]): Generator<string> {
  const total: FileTally = { passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
  for (const [file, tally] of [...files].toSorted(([a], [b]) => a.localeCompare(b))) {
    yield `${tally.failed > 0 ? 'FAILED' : 'ok    '} ${file} (${tally.passed} tests, ${Math.round(tally.milliseconds)} ms)\n`;
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
  }
  for (const line of skipped) yield `SKIPPED ${line}\n`;
  if (total.passed + total.failed === 0) {
    yield 'no test ran\n';
    process.exitCode = 1;
  }
  // In CI a skip is a failure: everything that a test needs is installed by the project's own scripts.
  if (total.skipped > 0 && process.env['CI'] !== undefined) process.exitCode = 1;
  const skips = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  yield `${total.passed} passed, ${total.failed} failed${skips}\n`;
}

/** A whole file that could not be run is a failure; one that ran is told by its tests. */
function isFile(data: TestEvent['data']): boolean {
  const error = data.details?.error;
  return (
    data.file !== undefined &&
    data.name === data.file &&
    (error === undefined || error.failureType === 'subtestsFailed')
  );
}

function indent(error: { readonly cause?: unknown } | undefined): string {
  const cause = error?.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return text.replaceAll(/^/gm, '    ');
}
