/** How much a store holds, asked often while a server writes to it. */
import { DatabaseSync } from 'node:sqlite';
import { storePath } from '@linnet/connectors/history';

/** Readings that the ingest counted into its store; 0 where there is none yet. */
export function storedSoFar(store: string): number {
  try {
    const db = new DatabaseSync(storePath(store), { readOnly: true, timeout: 5000 });
    try {
      const row = db.prepare(
        "SELECT coalesce(sum(json_extract(state, '$.stored')), 0) AS n FROM ingest_device",
      );
      return row.get()?.['n'] as number;
    } finally {
      db.close();
    }
  } catch {
    return 0;
  }
}
