import { Template } from 'aws-cdk-lib/assertions';
import { System } from './proof/system';
import { Exception, namedAlarms } from '../../support/template/alarm-tables';
import { alarmsOf, expectDescribed, Measured, rowOf } from '../../support/template/alarms';
import { Documents } from '../../support/template/documents';
import { about, Change, copy, remove } from '../../support/template/mutations';
import { all, expectSame } from '../../support/template/reading';
import { ALARM } from '../../support/template/types';

/** Differences between the alarms of production and the tables in the pages of the constructs. */
const EXCEPTIONS: Exception[] = [
  {
    why: 'each of the two NAT gateways has its own alarm',
    alarms: /^NetworkNat(PortAllocation|DroppedPackets):/,
    instead: (id) => [1, 2].map((gateway) => id.replace('Nat', `NatGateway${gateway}`)),
  },
  {
    why: 'only NetworkAlarms.complete() has these alarms',
    alarms: /^Network(NatUnansweredConnections|FlowLogIncomplete|RejectedFromWithin|RemoteAccess|DataLeaving):/,
  },
  {
    why: 'the firewall of the load balancer is a construct of the stack',
    alarms: /^EntranceBlockedSurge:/,
    instead: () => ['EntranceFirewallBlockedSurge'],
  },
  { why: 'people enter no secret', alarms: /^Secrets(Age|NoValueOf)/ },
];
const DOCUMENTS = new Documents('karematch');
const documented = () => namedAlarms(DOCUMENTS, EXCEPTIONS).map(({ id }) => id);

/** The alarms that only production has, and why. */
const ONLY_PRODUCTION: Array<{ readonly why: string; readonly alarms: string[] }> = [
  {
    why: 'development has one NAT gateway',
    alarms: ['NetworkNatGateway2PortAllocation', 'NetworkNatGateway2DroppedPackets'],
  },
  {
    why: 'development has no backup plan',
    alarms: ['Failed', 'Aborted', 'Expired', 'Missing'].map((how) => `DatabaseBackup${how}`),
  },
  {
    why: 'development has no domain names and no certificates',
    alarms: ['EntranceCertificateExpiry', 'SiteCertificateExpiry'],
  },
];

const inProduction = (template: Template) => Object.keys(alarmsOf(template, 'MonitoringKareMatch'));
const inDevelopment = (template: Template) => Object.keys(alarmsOf(template, 'MonitoringKareMatchDevelopment'));

function productionIsDocumented(production: Template): void {
  expectSame(inProduction(production), documented());
}

function developmentHasLess(production: Template, development: Template): void {
  const less = ONLY_PRODUCTION.flatMap(({ alarms }) => alarms);
  expectSame([...inDevelopment(development), ...less], inProduction(production));
}

/** Tests of the IDs of all alarms. The tests of a room assert the fields of its alarms. */
export function testAlarms({ production, development }: System): void {
  test('every alarm has a row in the alarm tables, and every row has an alarm', () => {
    expectSame([...new Set([...inProduction(production), ...inDevelopment(development)])], documented());
  });

  test('production has the alarms of the tables', () => {
    productionIsDocumented(production);
  });

  test('development has the same alarms, except those of resources that it does not have', () => {
    developmentHasLess(production, development);
  });

  test.each<[string, Change]>([
    ['an alarm that no table names', copy(ALARM, 'ApiCpuHigh', 'ApiCpuVeryHigh')],
    ['an alarm less', remove(ALARM, about('ApiFailedLogins'))],
  ])('these tests fail for %s', (_what, change) => {
    const changed = (template: Template) => {
      const json = JSON.parse(JSON.stringify(template.toJSON()));
      change(json);
      return Template.fromJSON(json);
    };
    expect(() => productionIsDocumented(changed(production))).toThrow();
    expect(() => developmentHasLess(production, changed(development))).toThrow();
  });

  test.each([
    ['production', production],
    ['development', development],
  ] as const)('each dimension of an alarm of %s is a resource of the stack', (_environment, template) => {
    const rows = Object.values(alarmsOf(template, 'MonitoringKareMatch(?:Development)?')).map(rowOf);
    const measured = rows.flatMap(({ metrics }) => Object.values(metrics))
      .filter((metric): metric is Measured => typeof metric !== 'string');
    expect(measured.length).toBeGreaterThan(30);
    const values = measured.flatMap(({ dimensions }) => Object.values(dimensions)).flatMap((value) => value.split('/'));
    const { Resources } = template.toJSON();
    const unknown = values.map((value) => value.replace(/(\.\w+|\[\d\])$/, '')).filter((id) => !(id in Resources));
    const firewalls = all(template, 'AWS::WAFv2::WebACL')
      .map(({ Properties }) => Properties.VisibilityConfig.MetricName);
    expect([...new Set(unknown)].sort()).toEqual(['ALL', 'Global', 'us-east-1', ...firewalls].sort());
  });

  test.each([['production', production], ['development', development]])('the alarms of %s describe the first step',
    (_environment, template) => {
      expectDescribed(template);
    });
}
