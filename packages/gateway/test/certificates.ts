import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** An authority `ca` and a certificate for localhost in a folder; names of the files. */
export function makeCertificates(folder: string): { ca: string; cert: string; key: string } {
  const openssl = (text: string): void => {
    execFileSync('openssl', text.split(' '), { cwd: folder, stdio: 'ignore' });
  };
  const made = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  openssl(`req -x509 ${made} -days 2 -subj /CN=ours -keyout ca.key -out ca.crt`);
  openssl(`req ${made} -subj /CN=localhost -keyout localhost.key -out localhost.csr`);
  openssl('x509 -req -in localhost.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out localhost.crt');
  const [ca, cert, key] = ['ca.crt', 'localhost.crt', 'localhost.key'].map((name) => join(folder, name));
  return { ca: ca as string, cert: cert as string, key: key as string };
}
