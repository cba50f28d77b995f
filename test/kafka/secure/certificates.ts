/** An authority, and what it signed for a broker and for a client, as PEM files of a folder. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DAYS = ['-days', '2'];
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

export const KEY_PASSWORD = 'of-the-key';

/**
 * Makes `ca.pem`, `broker.pem` (key and certificate), `client.pem` with `client.key` (locked with `KEY_PASSWORD`), and
 * `other-ca.pem`, an authority that signed nothing here.
 */
export function makeCertificates(folder: string): void {
  for (const [file, name] of [
    ['ca', 'Linnet test authority'],
    ['other-ca', 'Another authority'],
  ] as const)
    openssl(folder, 'req', '-x509', ...KEY, '-nodes', ...DAYS, '-subj', `/CN=${name}`, ...out(file));
  sign(folder, 'broker', ['-nodes'], 'subjectAltName=IP:127.0.0.1');
  sign(folder, 'client', ['-passout', `pass:${KEY_PASSWORD}`], 'extendedKeyUsage=clientAuth');
  const key = readFileSync(join(folder, 'broker.key'), 'utf8');
  writeFileSync(
    join(folder, 'broker.pem'),
    key + ['broker', 'ca'].map((name) => readFileSync(join(folder, `${name}.pem`), 'utf8')).join(''),
  );
}

function sign(folder: string, name: string, lock: readonly string[], extension: string): void {
  openssl(folder, 'req', ...KEY, ...lock, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', 'csr');
  writeFileSync(join(folder, 'extensions'), extension);
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  const signed = ['-extfile', 'extensions', ...DAYS, '-out', `${name}.pem`];
  openssl(folder, 'x509', '-req', '-in', 'csr', ...authority, ...signed);
}

function out(name: string): string[] {
  return ['-keyout', `${name}.key`, '-out', `${name}.pem`];
}

function openssl(folder: string, ...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}
