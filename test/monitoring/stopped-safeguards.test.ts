import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { RULES } from '../../src/compliance/template-checks';
import { DatabaseAccess } from '../../src/database/access/database-access';
import { ComplianceGuardrails } from '../../src/guardrails/compliance-guardrails';
import { HIPAA_RULES } from '../../src/guardrails/config/hipaa-rules';
import { IMonitored } from '../../src/monitoring/monitored';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { NetworkAlarms } from '../../src/network/network-alarms';
import { GeneratedSecret } from '../../src/secrets/generated-secret';
import { RotatingSecrets } from '../../src/secrets/rotating-secrets';
import { someDatabase } from '../database/instance/some-database';
import { someService } from '../service/fargate-fixtures';
import { newStack } from '../support/app';
import { SUBJECTS, things } from '../support/shapes';
import { cellsOf, codeWords, readPage } from '../support/template/alarm-tables';

/** The table of the page about safeguards that stop working. */
const [, table] = /\n(\| Stopped safeguard [^]*?)\n\n/.exec(readPage('workload-monitoring'))!;
const [, , ...rows] = cellsOf(table.split('\n'));

/** The IDs of all alarms and notifications of a stack. */
function existing(): string[] {
  const stack = newStack();
  const secrets = new RotatingSecrets(stack, 'Secrets', {
    secrets: { session: GeneratedSecret.signingKey() }, externalSecrets: { partner: {} },
  });
  const database = someDatabase(new Construct(stack, 'Data'));
  database.access('Api', DatabaseAccess.readWrite());
  const given = things(stack);
  const others = SUBJECTS.filter(({ name }) => ['FieldEncryptionKey', 'Ec2Capacity', 'ScheduledTask'].includes(name))
    .map(({ name, make }) => make(stack, name, given) as Construct & IMonitored);
  const monitoring = new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' });
  monitoring.watch(
    new HipaaVpc(stack, 'Network', { alarms: NetworkAlarms.complete() }),
    database,
    secrets,
    someService(stack, { secrets: { SESSION: secrets.forContainer('session') } }),
    new ComplianceGuardrails(stack, 'Guardrails'),
    ...others,
  );
  return monitoring.node.findAll()
    .filter((child) => child instanceof CfnAlarm || child instanceof CfnRule || child instanceof CfnBudget)
    .map(({ node }) => node.scope!.node.id);
}

describe('the table of safeguards that stop working', () => {
  const ids = existing();
  const checks = RULES.map(({ id }) => id);
  const known = [...ids, ...checks, ...HIPAA_RULES.map(({ rule }) => rule), 'NetworkAlarms.complete()'];

  test('has a row for each kind of safeguard', () => {
    expect(rows).toHaveLength(49);
  });

  test.each(rows)('%s: %s', (_what, reports) => {
    const named = codeWords(reports);
    expect(named.filter((id) => !known.includes(id))).toEqual([]);
    // A row names an alarm or a check, or states that nothing reports the safeguard.
    expect(named.some((id) => [...ids, ...checks].includes(id)) || reports.startsWith('Nothing')).toBe(true);
  });
});
