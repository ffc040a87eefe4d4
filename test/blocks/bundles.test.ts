import * as fs from 'fs';
import { createRequire } from 'module';
import * as os from 'os';
import * as path from 'path';
import { buildSync } from 'esbuild';
import { FakeAws } from '../support/fake-aws';
import { FakeEcsService } from '../support/fake-ecs';
import { FakeSecret, FakeSecretsManager } from '../support/fake-secrets-manager';

const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Session-a1b2c3';
const SERVICE = 'arn:aws:ecs:us-east-1:111122223333:service/clinic/api';
const ROOT = path.join(__dirname, '..', '..');

let aws: FakeAws;
let secret: FakeSecret;
let service: FakeEcsService;
let directory: string;

beforeAll(async () => {
  Object.assign(process.env, {
    ROTATED: JSON.stringify([{ shape: { kind: 'password', length: 32, excludeCharacters: '' }, secretArns: [ARN] }]),
  });
  aws = new FakeAws();
  await aws.start();
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bundles-'));
});
afterAll(async () => {
  fs.rmSync(directory, { recursive: true });
  await aws.stop();
});
beforeEach(() => {
  secret = new FakeSecretsManager(aws).add(new FakeSecret(ARN, 'first'));
  service = new FakeEcsService(aws, SERVICE, new Date(0));
});

/**
 * Bundles a handler as the build does, and loads the bundle as Lambda does: separately, with the SDK of the runtime.
 */
function bundled(handler: string): { handler: (event?: unknown) => Promise<void> } {
  const outfile = path.join(directory, handler, 'index.js');
  buildSync({
    entryPoints: [path.join(ROOT, 'src', `${handler}.lambda.ts`)],
    bundle: true,
    platform: 'node',
    target: 'node24',
    external: ['@aws-sdk/*'],
    outfile,
  });
  const code = fs.readFileSync(outfile, 'utf8');
  expect(code).not.toMatch(/aws-cdk-lib|require\("\.\//);
  const exports = { exports: {} as { handler: (event?: unknown) => Promise<void> } };
  new Function('module', 'require', code)(exports, createRequire(path.join(ROOT, 'package.json')));
  return exports.exports;
}

test('the bundled rotate-secret handler rotates a secret', async () => {
  const { handler } = bundled('secrets/rotator/rotate-secret');
  secret.startRotation('version-1');
  for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
    await handler({ Step, SecretId: ARN, ClientRequestToken: 'version-1' });
  }
  expect(secret.valueOf('AWSCURRENT')).toHaveLength(32);
  expect(secret.valueOf('AWSPREVIOUS')).toBe('first');
});

test('the bundled roll-service handler rolls a service', async () => {
  jest.spyOn(console, 'log').mockImplementation();
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const { handler } = bundled('service/roller/roll-service');
  secret.lastRotatedAt = new Date();
  const request = { cluster: 'clinic', service: SERVICE, breaking: [ARN], overlapping: [], window: '02:00-03:00' };
  await handler({ Records: [{ messageId: 'm0', body: JSON.stringify(request) }] });
  expect(service.deployments).toHaveLength(2);
});

test('the bundled measure-age handler measures an age', async () => {
  const { handler } = bundled('blocks/measure-age');
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await handler({ dimension: 'SecretArn', secretArns: [ARN] });
  const lines = write.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('AgeInDays'));
  write.mockRestore();
  expect(lines).toHaveLength(1);
});
