import * as fs from 'fs';
import * as path from 'path';
import { App, Duration, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import * as ts from 'typescript';
import {
  ComplianceChecks,
  DataProtection,
  EncryptedDatabaseInstance,
  GeneratedSecret,
  HardenedRepository,
  HipaaVpc,
  WorkloadMonitoring,
  NatStrategy,
  RotatingSecrets,
  ScalingPolicy,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceIngress,
  SiteRouting,
  StaticSiteCdn,
  WebEndpoint,
} from '../src';

const SITE = path.join(__dirname, 'support', 'some-site');

/** The maximum number of tokens of the stack below: its size, independent of the line breaks. */
const MOST_TOKENS = 409;

interface KareMatchStackProps extends StackProps {
  readonly production: boolean;
  readonly certificate: acm.ICertificate;
  readonly images: HardenedRepository;
  readonly version: string;
}

/** A whole product of a user. */
class KareMatchStack extends Stack {
  constructor(scope: Construct, id: string, props: KareMatchStackProps) {
    super(scope, id, props);
    const { production } = props;
    if (!production) DataProtection.of(this).disposable({ reason: 'development holds synthetic records only' });

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: 'oncall@example.com' });
    const network = new HipaaVpc(this, 'Network', {
      nat: production ? NatStrategy.onePerAz() : NatStrategy.single({ reason: 'development' }),
    });

    const database = new EncryptedDatabaseInstance(this, 'Database', {
      vpc: network,
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_15_14 }),
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
      allocatedStorage: Size.gibibytes(20),
      maxAllocatedStorage: Size.gibibytes(100),
      multiAz: production,
    });
    const secrets = new RotatingSecrets(this, 'Secrets', {
      secrets: { session: GeneratedSecret.signingKeys(), fieldEncryption: GeneratedSecret.keyRing() },
    });

    const entrance = new SecureLoadBalancer(this, 'Entrance', {
      vpc: network,
      endpoint: WebEndpoint.certificate(props.certificate),
    });
    const api = new SecureFargateService(this, 'Api', {
      vpc: network,
      image: props.images.image(props.version),
      containerPort: 5000,
      cpu: 512,
      memory: Size.mebibytes(1024),
      scaling: ScalingPolicy.between({ min: 1, max: 4 }),
      ingress: ServiceIngress.loadBalancer(entrance, { healthCheckPath: '/health', stickiness: Duration.hours(24) }),
      uses: [database],
      secrets: {
        SESSION_SECRET: secrets.forContainer('session'),
        ENCRYPTION_KEYS: secrets.forContainer('fieldEncryption'),
      },
    });

    const site = new StaticSiteCdn(this, 'Site', { source: SITE, routing: SiteRouting.singlePageApp() });

    monitoring.watch(network, database, secrets, entrance, api, site);
  }
}

test('is no longer than a user should have to write', () => {
  const [letter] = /^class KareMatchStack[^]*?^}$/m.exec(fs.readFileSync(__filename, 'utf8'))!;
  const text = letter.replace(/,(?=\s*[})])/g, '');
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, ts.LanguageVariant.Standard, text);
  let tokens = 0;
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) tokens++;
  expect(tokens).toBeGreaterThan(300);
  expect(tokens).toBeLessThanOrEqual(MOST_TOKENS);
});

describe.each([['production', true], ['development', false]])('a whole product, in %s', (_name, production) => {
  let directory: string;
  beforeAll(() => {
    delete process.env.CDK_VALIDATION;
    const app = new App();
    ComplianceChecks.of(app).enforce();
    const env = { region: 'us-east-1' };
    const images = new HardenedRepository(new Stack(app, 'Images', { env }), 'Api');
    const arn = 'arn:aws:acm:us-east-1:111122223333:certificate/1';
    const certificate = acm.Certificate.fromCertificateArn(new Stack(), 'Certificate', arn);
    new KareMatchStack(app, 'KareMatch', { env, production, certificate, images, version: '1.4.2' });
    directory = app.synth().directory;
  });
  const read = (file: string) => JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8'));

  test('passes every check', () => {
    const { checks, mode } = read('compliance-report.json');
    expect({ checks, mode }).toEqual({
      mode: 'enforce',
      checks: ['CloudFormation Validate', 'HIPAA.Security', 'cdk-hipaa'],
    });
    const { pluginReports }: { pluginReports: Array<{ pluginName: string; violations: unknown[] }> } =
      read('validation-report.json');
    expect(pluginReports.filter(({ violations }) => violations.length > 0)).toEqual([]);
  });

  test('relaxes only the expected safeguards', () => {
    const given = read('compliance-report.json').relaxed.map(({ id }: { id: string }) => id).sort();
    expect(given).toEqual(
      production ? [] : ['cdk-hipaa:disposable-data', 'cdk-hipaa:single-nat-gateway', 'cdk-hipaa:single-zone-database'],
    );
  });

  test('monitors every construct', () => {
    expect(read('compliance-report.json').notWatched).toEqual([]);
  });
});
