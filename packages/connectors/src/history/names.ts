import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type Name = string | number;

/**
 * Dense numbers for the names in a table, 1, 2, 3, …; new names are added in the caller's transaction.
 *
 * Whoever rolls that back need not tell: a number that is cached here and not in the table is noticed before the next use.
 */
export class Names {
  private readonly ids = new Map<Name, number>();
  private readonly insert: StatementSync;
  private readonly all: StatementSync;
  private readonly count: StatementSync;

  constructor(db: DatabaseSync, table: 'history_sensor' | 'history_channel') {
    this.insert = db.prepare(`INSERT INTO ${table}(id, name) VALUES (?, ?)`);
    this.all = db.prepare(`SELECT id, name FROM ${table}`);
    this.count = db.prepare(`SELECT coalesce(max(id), 0) AS count FROM ${table}`);
  }

  /** The numbers of some names, in their order. */
  resolve(names: readonly Name[]): Int32Array {
    if (this.count.get()?.['count'] !== this.ids.size) this.reload();
    const ids = new Int32Array(names.length);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as Name;
      let id = this.ids.get(name);
      if (id === undefined) {
        id = this.ids.size + 1;
        this.insert.run(id, name);
        this.ids.set(name, id);
      }
      ids[i] = id;
    }
    return ids;
  }

  private reload(): void {
    this.ids.clear();
    for (const { id, name } of this.all.iterate()) this.ids.set(name as Name, id as number);
  }
}
