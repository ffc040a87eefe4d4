import { Template } from 'aws-cdk-lib/assertions';
import { everyAlarmIsDocumented } from './proof/alarms';
import { cellsOf, codeWords, readPage } from '../../support/template/alarm-tables';
import { alarmsOf, expectDescribed, Measured, readable, Row, rowOf } from '../../support/template/alarms';
import { all, propertiesOf } from '../../support/template/reading';

/** The metrics of an alarm, without expressions. */
const measuredBy = ({ metrics }: Row): Measured[] =>
  Object.values(metrics).filter((metric): metric is Measured => typeof metric !== 'string');

/** Tests of every alarm, whatever alarms there are. The test of a room asserts the fields of its alarms. */
export function testAlarms(whole: Template): void {
  const alarms = alarmsOf(whole, '(Network|Guardrails|Data|Application)MonitoringOmnirapeutic\\1');
  const rows = Object.entries(alarms).map(([id, alarm]) => [id, rowOf(alarm)] as const);

  test('describe the first step', () => {
    expectDescribed(whole);
  });

  test('every alarm has a row in the alarm tables, and every row has an alarm', () => {
    everyAlarmIsDocumented(whole);
  });

  testMeasured(whole, rows.flatMap(([, row]) => measuredBy(row)));

  test.each(rows)('%s has a row in the docs', (id, { threshold, missing }) => {
    const [, construct, alarm] = CONSTRUCT.exec(id)!;
    const page = PAGES[`${construct}${alarm}`] ?? PAGES[construct];
    const found = rowsAbout(page, alarm);
    expect(found.length).toBe(1);
    const [[, metric, firesAt, missingData, reason = reasonBelow(page, alarm)]] = found;
    expect(metric).toMatch(/\w{5}/);
    expect(missingData).toMatch(WORDS[missing]);
    expect(reason).toMatch(/.{15}/s);
    expect(firesAt).toContain(IN_WORDS[id] ?? threshold.toLocaleString('en-US'));
  });
}

function testMeasured(whole: Template, measured: Measured[]): void {
  test('a metric of a log is published by a filter of that name, and each filter has an alarm', () => {
    const own = measured
      .filter(({ namespace }) => namespace.startsWith('AWS::StackName/'))
      .map(({ namespace, name }) => `${namespace} ${name}`);
    const filters = all(whole, 'AWS::Logs::MetricFilter').map(
      ({
        Properties: {
          LogGroupName,
          MetricTransformations: [{ MetricName, MetricNamespace }, ...more],
        },
      }) => {
        expect(more).toEqual([]);
        propertiesOf(whole, 'AWS::Logs::LogGroup', LogGroupName.Ref);
        return `${readable(MetricNamespace)} ${MetricName}`;
      },
    );
    // Two filters may publish the same metric.
    expect([...own].sort()).toEqual([...new Set(filters)].sort());
  });

  test('the firewall publishes under the name that its alarm reads', () => {
    const [firewall, ...more] = all(whole, 'AWS::WAFv2::WebACL');
    expect(more).toEqual([]);
    const asked = measured
      .filter(({ namespace }) => namespace === 'AWS/WAFV2')
      .map(({ dimensions }) => dimensions.WebACL);
    expect(asked).toEqual([firewall.Properties.VisibilityConfig.MetricName]);
    expect(firewall.Properties.VisibilityConfig.CloudWatchMetricsEnabled).toBe(true);
  });

  test('every other dimension is a resource of one of the stacks', () => {
    const { Resources } = whole.toJSON();
    const values = measured.flatMap(({ dimensions }) => Object.values(dimensions)).flatMap((value) => value.split('/'));
    const unknownNames = values.map((value) => value.replace(/(\.\w+|\[\d\])$/, '')).filter((id) => !(id in Resources));
    const guardrails = measured.flatMap(({ dimensions }) => dimensions.Guardrail ?? []);
    expect(guardrails).toHaveLength(10);
    expect([...new Set(unknownNames)].filter((name) => !guardrails.includes(name))).toEqual([
      'us-east-1',
      'ALL',
      'OmnirapeuticApplicationEntranceFirewall1A8AD9DC',
    ]);
  });
}

/** The words of a page for missing data. */
const WORDS: Record<string, RegExp> = {
  notBreaching: /^not breaching/i,
  breaching: /^breaching/i,
  missing: /^missing/i,
  ignore: /^ignored/i,
};
/** Thresholds that a page states in another unit, or as the prop that sets them. */
const IN_WORDS: Record<string, string> = {
  DatabaseFreeMemory: '0.1 GiB',
  DatabaseReplicaLag: '2 s',
  DatabaseTransactionIds: '1 billion',
};
const CONSTRUCT = /^(Network|Guardrails|Database|Bastion|Secrets|Entrance|Api|Web|Worker|Migrations)(\w+)$/;
/** The page of a construct, or of an alarm that is on another page. */
const PAGES: Record<string, string> = {
  Network: 'hipaa-vpc',
  Guardrails: 'compliance-guardrails',
  Database: 'encrypted-aurora-cluster',
  Bastion: 'ssm-bastion',
  Secrets: 'rotating-secrets',
  Entrance: 'secure-load-balancer',
  Api: 'secure-fargate-service',
  Web: 'secure-fargate-service',
  Worker: 'secure-fargate-service',
  Migrations: 'migration-task',
  EntranceBlockedSurge: 'web-firewall',
  DatabaseUsersErrors: 'database-users',
  DatabaseUsersDeadLetters: 'database-users',
  DatabaseUsersRotationOverdue: 'database-users',
  DatabaseUsersAgeErrors: 'database-users',
  DatabaseUsersAgeDeadLetters: 'database-users',
};

/** The item of a list of the page that starts with the name of the alarm: its reason, if the table has no such cell. */
function reasonBelow(page: string, alarm: string): string | undefined {
  const items = readPage(page).split(/\n(?=- |\n)/).filter((item) => item.startsWith('- '));
  return items.find((item) => namesIn(item.split(':')[0]).some((name) => name.test(alarm)));
}

const namesIn = (text: string) =>
  codeWords(text).map((name) => new RegExp(`^${name.replace(/<\w+>/g, '\\w+')}$`));

/** The rows of a page's tables whose first cell names an alarm. `<word>` in a name matches any word. */
function rowsAbout(page: string, alarm: string): string[][] {
  const lines = readPage(page).split('\n').filter((line) => line.startsWith('|'));
  return cellsOf(lines).filter(([first]) => namesIn(first).some((name) => name.test(alarm)));
}
