import { AtomicFile, columnWriter, type ColumnFormat } from '@linnet/connectors/file';
import { HistoryReader, openStoreReadOnly, storePath, type Damage } from '@linnet/connectors/history';
import { recoveryPath } from '@linnet/connectors/recovery';
import { LinnetError } from '@linnet/core';
import { existsSync } from 'node:fs';
import { printer } from '../run/printer.ts';
import { dualWords } from './dual-words.ts';
import { listHistory } from './list-history.ts';
import { provisionalRows } from './provisional-rows.ts';
import { selectReadings, type Selection } from './select-readings.ts';

export interface QueryOptions extends Selection {
  readonly recovery?: string;
  readonly store?: string;
  readonly list?: boolean;
  readonly output?: ColumnFormat;
  readonly out?: string;
  readonly skipDamaged?: boolean;
  readonly provisional?: boolean;
  readonly models?: string;
}

/**
 * Reads a history and writes what was asked for to standard output or a file, which appears only when it is complete.
 * @throws LinnetError `usage`, `io.not-found`, `store.invalid`, `config.unknown` for a sensor or metric that is not there
 */
export async function runQuery(options: QueryOptions): Promise<void> {
  checkUsage(options);
  const path = pathOf(options);
  const database = openStoreReadOnly(path);
  const damages: Damage[] = [];
  const onDamage = (damage: Damage) => {
    if (options.skipDamaged !== true) throw damaged(path, damage);
    damages.push(damage);
  };
  const file = options.out === undefined ? undefined : new AtomicFile(options.out);
  const put =
    file === undefined ? printer(process.stdout) : (chunk: string | Uint8Array) => file.write(chunk);
  try {
    // One state of the store for all of the answer, whatever is written meanwhile.
    database.exec('BEGIN');
    const reader = new HistoryReader(database, { onDamage });
    if (options.list === true) await put(listHistory(reader, options));
    else {
      const foretold =
        options.provisional === true
          ? await provisionalRows(database, options.to, options.models)
          : undefined;
      const { metrics, rows } = selectReadings(reader, path, options, foretold);
      const writer = await columnWriter(formatOf(options), metrics, put, dualWords);
      for (const part of rows) await writer.write(part);
      await writer.finish();
    }
    file?.commit();
  } catch (error) {
    throw sqliteError(path, error);
  } finally {
    file?.discard();
    database.close();
  }
  for (const damage of damages) process.stderr.write(`linnet: left out: ${describe(damage)}\n`);
}

function checkUsage(options: QueryOptions): void {
  const { recovery, store, from, to, downsample, anomalies, out, provisional, list, models } = options;
  const usage = (text: string) => new LinnetError('usage', text);
  if ((recovery === undefined) === (store === undefined))
    throw usage('say where the history is: either --recovery DIR or --store FILE');
  if (from !== undefined && to !== undefined && from >= to)
    throw usage(`--from ${iso(from)} is not before --to ${iso(to)}`);
  if (downsample !== undefined && anomalies === true)
    throw usage('--downsample thins readings out, --anomalies lists single ones: give one of them');
  if (provisional === true && (downsample !== undefined || anomalies === true || list === true))
    throw usage(
      '--provisional adds readings that are foretold: leave out --downsample, --anomalies and --list',
    );
  if (list === true && [from, to, downsample, anomalies].some((given) => given !== undefined))
    throw usage('--list says what there is: leave out --from, --to, --downsample and --anomalies');
  if (models !== undefined && provisional !== true) throw usage('--models is for --provisional');
  if (formatOf(options) === 'parquet' && out === undefined && process.stdout.isTTY)
    throw usage('Parquet is no text for a terminal: add --out FILE');
}

function formatOf({ output, out }: QueryOptions): ColumnFormat {
  if (output !== undefined) return output;
  const ending = /\.(csv|json|jsonl|parquet)$/i.exec(out ?? '')?.[1]?.toLowerCase();
  if (ending === 'parquet') return 'parquet';
  return ending === 'json' || ending === 'jsonl' ? 'json' : 'csv';
}

function pathOf({ recovery, store }: QueryOptions): string {
  if (store !== undefined) return storePath(store);
  const path = recoveryPath(recovery as string);
  if (existsSync(path)) return path;
  throw new LinnetError(
    'io.not-found',
    `${recovery} holds no recovery store; run a flow with --recovery ${recovery}`,
  );
}

function damaged(path: string, damage: Damage): LinnetError {
  return new LinnetError(
    'store.invalid',
    `${path} is damaged: ${describe(damage)}; restore it from a backup, or read the rest with --skip-damaged`,
  );
}

function describe({ kind, id, rows, from, to, reason }: Damage): string {
  const span = from === to ? iso(from) : `${iso(from)} to ${iso(to)}`;
  return `${rows} ${rows === 1 ? 'reading' : 'readings'} of ${span} (${kind} ${id}: ${reason})`;
}

function iso(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}

/** SQLite's errors, from within a query, in our words. */
function sqliteError(path: string, error: unknown): unknown {
  if (error instanceof LinnetError) return error;
  const { errcode, message } = error as Error & { errcode?: number };
  if (errcode === undefined) return error;
  return new LinnetError('store.invalid', `${path} cannot be read (${message}): restore it from a backup`, {
    cause: error,
  });
}
