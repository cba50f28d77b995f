import type { ColdStore, HotKeys, Key } from '@linnet/core/engine';

interface Row {
  readonly step: string;
  readonly key: Key;
  readonly bytes: Uint8Array;
  readonly touched: number | null;
}

/** Where states of keys go that do not fit, while one life lasts. */
class Cold implements ColdStore {
  private readonly rows = new Map<string, Row>();

  put(step: string, key: Key, bytes: Uint8Array, touched: number | null): void {
    this.rows.set(idOf(step, key), { step, key, bytes: bytes.slice(), touched });
  }

  get(step: string, key: Key): Uint8Array<ArrayBuffer> | undefined {
    return this.rows.get(idOf(step, key))?.bytes.slice();
  }

  remove(step: string, key: Key): void {
    this.rows.delete(idOf(step, key));
  }

  expire(step: string, cutoff: number): Key[] {
    const over = [...this.rows.values()].filter(
      (row) => row.step === step && row.touched !== null && row.touched < cutoff,
    );
    for (const { key } of over) this.remove(step, key);
    return over.map(({ key }) => key);
  }

  close(): void {
    this.rows.clear();
  }
}

/** So few keys in memory that they come and go all the time. */
export function fewHotKeys(keysMax: number): HotKeys {
  const cold = new Cold();
  return { keysMax, stateBytes: Infinity, open: () => cold };
}

function idOf(step: string, key: Key): string {
  return `${step} ${typeof key} ${key}`;
}
