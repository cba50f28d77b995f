/**
 * Reporter for node:test: failures in full, a line a file with its time, `N passed, N failed` at the end.
 * A file that cannot be run, or that declares no test, is a failure. A skipped test is counted aloud, never silently.
 */
import { relative } from 'node:path';

interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    /** The file that called `test`, which may be a suite shared by several. */
    readonly file?: string;
    /** The file that was run; absent when the event tells of the file as a whole. */
    readonly entryFile?: string;
    readonly line?: number;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly message?: string;
    readonly duration_ms?: number;
    readonly details?: {
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
    if (type === 'test:summary' && data.file !== undefined) {
      tallyOf(files, data).milliseconds = data.duration_ms ?? 0;
      continue;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const tally = tallyOf(files, data);
    const error = data.details?.error;
    const isSuite = data.details?.type === 'suite';
    if (data.skip !== undefined || data.todo !== undefined) {
      if (isSuite) continue;
      tally.skipped++;
      skipped.push(`${fileOf(data)}: ${data.name} (${data.skip ?? data.todo})`);
    } else if (data.entryFile === undefined) {
      tally.failed++;
      yield failure(data, error ?? 'the file declares no test, or ended before it reported one');
    } else if (type === 'test:pass') {
      if (!isSuite) tally.passed++;
    } else if (error?.failureType !== 'subtestsFailed') {
      tally.failed++;
      yield failure(data, error);
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
  if (total.passed + total.failed === 0) yield 'no test ran\n';
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
  // In CI a skip is a failure: everything that a test needs is installed by the project's own scripts.
  if (total.skipped > 0 && process.env['CI'] !== undefined) process.exitCode = 1;
  const skips = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  yield `${total.passed} passed, ${total.failed} failed${skips}\n`;
}

function tallyOf(files: Map<string, FileTally>, data: TestEvent['data']): FileTally {
  const file = fileOf(data);
  const tally = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
  files.set(file, tally);
  return tally;
}

function fileOf({ entryFile, file, name }: TestEvent['data']): string {
  return relative(process.cwd(), entryFile ?? file ?? name);
}

function failure(data: TestEvent['data'], error: unknown): string {
  const where = data.file === undefined ? fileOf(data) : relative(process.cwd(), data.file);
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return `\nFAILED ${where}:${data.line ?? 0} ${data.name}\n${text.replaceAll(/^/gm, '    ')}\n`;
}
