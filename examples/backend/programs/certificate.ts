import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';

/** Creates a certificate for this task: load balancers do not verify the certificates of their targets. */
export function ownCertificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = fs.mkdtempSync('/tmp/tls-');
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
    '-subj', '/CN=task', '-keyout', key, '-out', cert,
  ], { stdio: 'ignore' });
  const pair = { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
  fs.rmSync(folder, { recursive: true });
  return pair;
}
