/** Certificates of a test's own authorities, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'linnet-certificates-'));

  /** Path of a file, such as `ours.crt`. */
  path(name: string): string {
    return join(this.folder, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  authority(name: string): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    this.openssl('req', '-x509', ...key, '-days', '2', '-subj', `/CN=${name}`, ...this.files(name, 'crt'));
  }

  /** @param name common name, and name of the files */
  certificate(name: string, by: string): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    this.openssl('req', ...key, '-subj', `/CN=${name}`, ...this.files(name, 'csr'));
    writeFileSync(this.path(`${name}.ext`), `subjectAltName=DNS:${name},IP:127.0.0.1\n`);
    const signed = ['-CA', `${by}.crt`, '-CAkey', `${by}.key`, '-CAcreateserial', '-extfile', `${name}.ext`];
    this.openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-days', '2', '-out', `${name}.crt`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private files(name: string, kind: string): string[] {
    return ['-keyout', `${name}.key`, '-out', `${name}.${kind}`];
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'ignore' });
  }
}
