import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import {
  ComplianceGuardrails, ExecAccess, FlowLogStorage, HipaaVpc, NatStrategy, NetworkAlarms, Notification, ServiceIngress,
  WorkloadMonitoring,
} from '../src';
import { someService } from './service/fargate-fixtures';
import { newApp } from './support/app';
import { SUBJECTS, things } from './support/shapes';
import { WatchedThing } from './support/watched-thing';
import { memoryGib, requireInstanceClass } from '../src/database/shared/instance-class';
import { REGIONS_WITHOUT_BUDGETS } from '../src/monitoring/budget-regions';

interface Diagnostic {
  readonly ruleId: string;
  readonly message: string;
}

interface Engine {
  validateTemplate(template: object, options: object): { readonly diagnostics: Diagnostic[] };
}

// Jest replaces the package with the one that all test files share. See runtime.js.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { CompositeEngine, TemplateContent } = require('@aws/cloudformation-validate');

/** The region to which the others are compared: it offers everything. */
const HOME = 'us-east-1';
const REGIONS = RegionInfo.regions.map(({ name }) => name).filter((name) => name !== HOME);

/** Everything that the library can create, by its defaults and its choices. */
const CREATED: Record<string, (stack: Stack) => Construct> = {
  ...Object.fromEntries(SUBJECTS.map((subject) =>
    [subject.name, (stack: Stack) => subject.make(stack, 'Subject', things(stack))])),
  'NatStrategy.none': (stack) => new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() }),
  'NatStrategy.regional': (stack) => new HipaaVpc(stack, 'Network', { nat: NatStrategy.regional() }),
  'FlowLogStorage.bucket': (stack) => new HipaaVpc(stack, 'Network', { flowLogs: FlowLogStorage.bucket() }),
  'NetworkAlarms.complete': (stack) => watched(new HipaaVpc(stack, 'Network', { alarms: NetworkAlarms.complete() })),
  'ExecAccess.audited': (stack) =>
    someService(stack, { exec: ExecAccess.audited({ reason: 'shells' }), vpc: things(stack).vpc }),
  'ServiceIngress.https': (stack) => someService(stack, {
    vpc: things(stack).vpc,
    containerPort: 8080,
    ingress: ServiceIngress.https({
      domainName: 'api.example.com',
      hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
        hostedZoneId: 'Z1', zoneName: 'example.com',
      }),
    }),
  }),
  'monthlyCostLimit': (stack) => watched(new ComplianceGuardrails(stack, 'Guardrails', { monthlyCostLimit: 500 })),
  'Notification.costs': (stack) => watched(new WatchedThing(stack, 'Thing', {
    notifications: [Notification.costs({ id: 'Costs', monthlyLimit: 500 })],
  })),
};

function watched<T extends WatchedThing | HipaaVpc | ComplianceGuardrails>(construct: T): T {
  new WorkloadMonitoring(Stack.of(construct), 'Monitoring', { email: 'a@example.com' }).watch(construct);
  return construct;
}

let engine: Engine;
beforeAll(() => {
  engine = new CompositeEngine({});
});

function diagnosticsOf(template: object, region: string): Diagnostic[] {
  return engine.validateTemplate(new TemplateContent(JSON.stringify(template)), {
    detailLevel: 'STANDARD',
    severityLevel: 'WARN',
    pseudoParameterOverrides: { accountId: '111122223333', region },
  }).diagnostics;
}

const text = ({ ruleId, message }: Diagnostic, region: string) => `${ruleId} ${message.replaceAll(region, '<region>')}`;

/** The regions that do not offer something in a template, with the first reason. */
function regionsWithout(template: object): Map<string, string> {
  const everywhere = diagnosticsOf(template, HOME).map((each) => text(each, HOME));
  return new Map(REGIONS.flatMap((region) => {
    const found = diagnosticsOf(template, region).map((each) => text(each, region))
      .filter((each) => !everywhere.includes(each));
    return found.length > 0 ? [[region, found[0]] as const] : [];
  }));
}

function templateIn(region: string | undefined, make: (stack: Stack) => unknown): object {
  const app = newApp();
  const env = region === undefined ? undefined : { account: '111122223333', region };
  const stack = new Stack(app, 'Stack', { env });
  make(stack);
  return app.synth().getStackArtifact(stack.artifactId).template;
}

test.each(Object.entries(CREATED))('%s is refused in each region that does not offer it', (_, make) => {
  for (const [region, reason] of regionsWithout(templateIn(undefined, make))) {
    // The message tells what the region lacks.
    expect([region, reason, outcome(() => templateIn(region, make))]).toEqual([region, reason, 'refused']);
  }
});

function outcome(make: () => unknown): string {
  try {
    make();
    return 'accepted';
  } catch (error) {
    return /^\[Stack/.test((error as Error).message) ? 'refused' : String(error);
  }
}

test('the comparison finds a default that a region does not offer', () => {
  const template = {
    Resources: {
      Database: {
        Type: 'AWS::RDS::DBInstance',
        Properties: { DBInstanceClass: 'db.t4g.medium', Engine: 'postgres', AllocatedStorage: '20' },
      },
      Site: { Type: 'AWS::CloudFront::Function', Properties: {} },
    },
  };
  expect([...regionsWithout(template).keys()].sort())
    .toEqual(['ca-west-1', 'cn-north-1', 'cn-northwest-1', 'us-gov-east-1', 'us-gov-west-1']);
});

test('the regions without budgets are those of the data', () => {
  const template = { Resources: { Budget: { Type: 'AWS::Budgets::Budget', Properties: {} } } };
  expect([...regionsWithout(template).keys()].sort()).toEqual(REGIONS_WITHOUT_BUDGETS);
});

/** The classes that RDS offers for an engine in a region, which the message about an unknown class lists. */
function classesIn(region: string, engineName: string): string[] {
  const template = {
    Resources: {
      Database: {
        Type: 'AWS::RDS::DBInstance',
        Properties: { DBInstanceClass: 'db.unknown', Engine: engineName, AllocatedStorage: '20' },
      },
    },
  };
  const { message = '' } = diagnosticsOf(template, region).find(({ ruleId }) => ruleId === 'E3025') ?? {};
  return [...message.matchAll(/'(db\.[^']+)'/g)].map(([, name]) => name).filter((name) => name !== 'db.unknown');
}

/** Classes that are refused: previous generations, some of them without encryption at rest. */
const PREVIOUS = /^db\.(t1|t2|m[1-4]|r[34])\./;

test.each(['postgres', 'mysql'])('every class that a region offers for %s is accepted with known memory', (name) => {
  const classes = new Set([HOME, ...REGIONS].flatMap((region) => classesIn(region, name)));
  expect(classes.size).toBeGreaterThan(50);
  const scope = new Construct(new Stack(), 'Database');
  const refused = [...classes].filter((each) => !PREVIOUS.test(each)).filter((each) => {
    const type = new ec2.InstanceType(each.replace('db.', ''));
    try {
      requireInstanceClass(scope, type);
      return !(memoryGib(type)! > 0);
    } catch {
      return true;
    }
  });
  expect(refused).toEqual([]);
});
