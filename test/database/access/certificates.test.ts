import { X509Certificate } from 'crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'fs';
import { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { connect, createServer } from 'tls';
import { certificateAuthorities } from '../../../src/database/access/certificates.lambda';
import { serverCertificate } from '../../support/certificates';

const subjects = (authorities: string[]) => authorities.map((each) => new X509Certificate(each).subject).join();

test('the authorities are those of RDS and of its proxy', () => {
  expect(subjects(certificateAuthorities('/missing'))).toMatch(/Amazon RDS eu-west-1 Root CA RSA2048 G1/);
  expect(subjects(certificateAuthorities('/missing'))).toMatch(/CN=Amazon Root CA 1/);
});

test('the authorities of the runtime verify a server of a region that the package does not contain', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'runtime-'));
  const certificate = serverCertificate(join(directory, 'tls'), 'localhost');
  const other = serverCertificate(join(directory, 'other'), 'localhost');
  const file = join(directory, 'ca-cert.pem');
  writeFileSync(file, `${other.ca}\n${certificate.ca}`);
  const server = createServer({ key: readFileSync(certificate.keyFile), cert: readFileSync(certificate.certFile) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const authorized = (ca: string[]) => new Promise<boolean>((resolve) => {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca }, () => {
      resolve(socket.authorized);
      socket.destroy();
    }).on('error', () => resolve(false));
  });
  expect(await authorized(certificateAuthorities('/missing'))).toBe(false);
  expect(await authorized(certificateAuthorities(file))).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});
