/** Who may connect: devices with their tenants and hashed secrets, in a file of their own that its owner alone may read. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LinnetError } from '@linnet/core/base';
import { checkDevice, isDevice } from '@linnet/core/wire';
import { hashSecret, newSecret } from './secret.ts';

export interface DeviceEntry {
  readonly device: string;
  /** '' is the default tenant. */
  readonly tenant: string;
  /** Epoch ms. */
  readonly added: number;
  readonly rotated: number | null;
}

export interface Credential {
  readonly tenant: string;
  readonly hash: string;
}

const FILE = 'devices.db';
const BUSY_MS = 5000;
const TABLES = `CREATE TABLE IF NOT EXISTS device(
  name TEXT PRIMARY KEY, tenant TEXT NOT NULL, hash TEXT NOT NULL, added REAL NOT NULL, rotated REAL) STRICT`;

export class DeviceRegistry {
  private readonly db: DatabaseSync;

  /**
   * @param folder of the store; made when missing
   * @throws LinnetError `io.failed`, `store.invalid`
   */
  constructor(folder: string) {
    const path = join(folder, FILE);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // SQLite gives its side files the permissions of the file, which therefore has them before anything is in it.
      closeSync(openSync(path, 'a', 0o600));
      chmodSync(path, 0o600);
      this.db = new DatabaseSync(path, { timeout: BUSY_MS });
      this.db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; ${TABLES}`);
    } catch (cause) {
      const { message, errcode } = cause as Error & { errcode?: number };
      const damaged = errcode === 11 || errcode === 26;
      throw new LinnetError(
        damaged ? 'store.invalid' : 'io.failed',
        damaged ? `${path} is damaged or no list of devices: ${message}` : `cannot open ${path}: ${message}`,
        { cause },
      );
    }
  }

  /**
   * @returns the secret, which is nowhere else
   * @throws LinnetError `config.invalid` for a name with wildcards or slashes, or one that is taken
   */
  async add(device: string, tenant = '', now = Date.now()): Promise<string> {
    checkDevice(device);
    if (tenant !== '' && !isDevice(tenant)) {
      throw new LinnetError('config.invalid', `${JSON.stringify(tenant)} is no tenant: A-Z a-z 0-9 . _ -`);
    }
    const secret = newSecret();
    const { changes } = this.db
      .prepare('INSERT INTO device(name, tenant, hash, added) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
      .run(device, tenant, await hashSecret(secret), now);
    if (changes === 0) {
      throw new LinnetError('config.invalid', `device ${device} exists: rotate it for a new secret`);
    }
    return secret;
  }

  /** @throws LinnetError `config.unknown` */
  async rotate(device: string, now = Date.now()): Promise<string> {
    const secret = newSecret();
    const { changes } = this.db
      .prepare('UPDATE device SET hash = ?, rotated = ? WHERE name = ?')
      .run(await hashSecret(secret), now, device);
    if (changes === 0) throw unknown(device);
    return secret;
  }

  /** @throws LinnetError `config.unknown` */
  remove(device: string): void {
    if (this.db.prepare('DELETE FROM device WHERE name = ?').run(device).changes === 0) throw unknown(device);
  }

  list(): DeviceEntry[] {
    const rows = this.db
      .prepare('SELECT name AS device, tenant, added, rotated FROM device ORDER BY name')
      .all();
    return rows.map((row) => ({ ...row }) as unknown as DeviceEntry);
  }

  credential(device: string): Credential | undefined {
    return this.db.prepare('SELECT tenant, hash FROM device WHERE name = ?').get(device) as
      Credential | undefined;
  }

  /** Another number once another process has changed the list. */
  get version(): number {
    return this.db.prepare('PRAGMA data_version').get()?.['data_version'] as number;
  }

  close(): void {
    this.db.close();
  }
}

function unknown(device: string): LinnetError {
  return new LinnetError(
    'config.unknown',
    `there is no device ${JSON.stringify(device)}: linnet device list`,
  );
}
