import { Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { CareBowStack } from '../../examples/carebow/carebow-stack';
import { PRODUCTION } from '../../examples/karematch/environments';
import { KareMatchStack } from '../../examples/karematch/karematch-stack';
import { MentalHealthAideStack } from '../../examples/mentalhealthaide/mentalhealthaide-stack';
import { ApplicationStack } from '../../examples/omnirapeutic/application-stack';
import { DataStack } from '../../examples/omnirapeutic/data-stack';
import { NetworkStack } from '../../examples/omnirapeutic/network-stack';
import { newApp, templateOf } from '../support/app';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Resources = Record<string, any>;

const US = { region: 'us-east-1' };
/** The flag of every new project. Without it, the order of resources in a policy depends on the process. */
const FLAGS = { '@aws-cdk/aws-iam:minimizePolicies': true };
const RECORD = 'AWS::Route53::RecordSet';
const DISTRIBUTION = 'AWS::CloudFront::Distribution';

/** The documented systems before and after the cut-over, and the number of their records. */
const SYSTEMS: Array<[string, (before: boolean) => Stack, number]> = [
  ['MentalHealthAide', (before) => new MentalHealthAideStack(newApp(), 'MentalHealthAide', {
    domainName: 'api.mentalhealthaide.com',
    hostedZoneId: 'Z0EXAMPLE0000000000',
    zoneName: 'mentalhealthaide.com',
    alarmEmail: 'oncall@mentalhealthaide.com',
    ...(before && { createAliasRecords: false }),
  }), 2],
  ['KareMatch', (before) => new KareMatchStack(newApp(), 'KareMatch', {
    env: US,
    environment: before ? { ...PRODUCTION, cutOver: true } : PRODUCTION,
    image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
  }), 4],
  ['CareBow', (before) => new CareBowStack(newApp(), 'CareBow', {
    env: US,
    image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
    domain: {
      name: 'api.carebow.com',
      hostedZoneId: 'Z0EXAMPLE0000000000',
      zoneName: 'carebow.com',
      ...(before && { createAliasRecords: false }),
    },
    siteOrigins: ['https://app.carebow.com'],
    identityProvider: 'https://login.carebow.com',
    alarmEmail: 'oncall@carebow.com',
  }), 2],
  ['Omnirapeutic', (before) => {
    const app = newApp(FLAGS);
    const { vpc, dataSubnets, topic } =
      new NetworkStack(app, 'Network', { env: US, alarmEmail: 'oncall@omnirapeutic.com' });
    const { database } = new DataStack(app, 'Data', { env: US, vpc, dataSubnets, topic });
    const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29');
    return new ApplicationStack(app, 'BeforeOrAfter', {
      env: US,
      vpc,
      topic,
      database,
      images: { api: image, web: image, worker: image },
      domain: {
        name: 'app.omnirapeutic.com',
        hostedZoneId: 'Z0EXAMPLE0000000000',
        zoneName: 'omnirapeutic.com',
        ...(before && { createAliasRecords: false }),
      },
    });
  }, 2],
];

function resourcesOf(stack: Stack): Resources {
  return structuredClone(templateOf(stack).toJSON().Resources);
}

describe.each(SYSTEMS)('the cut-over of %s', (_, make, count) => {
  const [before, after] = [true, false].map((first) => resourcesOf(make(first)));

  test('first deploys certificates and no alias records', () => {
    const types = Object.values(before).map(({ Type }) => Type);
    expect(types).not.toContain(RECORD);
    expect(types).toContain('AWS::CertificateManager::Certificate');
  });

  test('then adds the records, and changes nothing else except the names of a distribution', () => {
    const added = Object.keys(after).filter((id) => !(id in before));
    expect(added.map((id) => after[id].Type)).toEqual(Array(count).fill(RECORD));
    const rest = structuredClone(after);
    for (const id of added) delete rest[id];
    for (const { Type, Properties } of Object.values(rest)) {
      if (Type === DISTRIBUTION) delete Properties.DistributionConfig.Aliases;
    }
    expect(rest).toEqual(before);
  });
});
