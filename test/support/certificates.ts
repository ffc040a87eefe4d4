import { execFileSync } from 'child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';

/** A certificate authority for one test run, and the certificate of a server. */
export interface ServerCertificate {
  readonly ca: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Creates a certificate authority and the certificate of a server with this name. Requires openssl. */
export function serverCertificate(directory: string, name: string): ServerCertificate {
  mkdirSync(directory, { recursive: true });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Test CA',
    '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`,
    '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(directory, 'san'), `subjectAltName=DNS:${name}\n`);
  openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
    '-extfile', 'san', '-out', 'server.pem');
  return certificateFiles(directory);
}

/** The files that `serverCertificate` has created in a directory. */
export function certificateFiles(directory: string): ServerCertificate {
  const file = (each: string) => join(directory, each);
  return {
    ca: readFileSync(file('ca.pem'), 'utf8'),
    caFile: file('ca.pem'),
    certFile: file('server.pem'),
    keyFile: file('server.key'),
  };
}
