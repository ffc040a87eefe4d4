import { Column, Costs, Counter, HOURS, itemOf, line, sum, TemplateJson, term, times } from './costs';

const GB = (value: number) => times(value, 'GB');
const million = (value: number) => times(value, 'million');
/** RDS Proxy charges at least these ACUs for Aurora Serverless v2. */
const LEAST_PROXY_ACU = 8;
/** The vCPUs of a db.t4g.medium. The standby of a Multi-AZ instance does not count. */
const INSTANCE_VCPU = 2;

/**
 * Assumes a million requests, the smallest number of instances, which have room for the worker, an idle database of
 * 10 GB, 10 GB through the NAT gateways, 10 GB of logs, 15 GB in buckets and four images.
 */
export const backend: Costs = {
  name: 'backend',
  variants: ['instance'],
  columns: (templates) => {
    const of = (beginning: string) => Object.entries(templates)
      .filter(([name]) => name.startsWith(beginning)).map(([, template]) => template);
    return [
      { name: 'Aurora', lines: linesOf(of('backend-'), aurora) },
      { name: 'RDS instance', lines: linesOf(of('instance/'), instance) },
    ];
  },
};

/** The lines of a database. The lines of both variants have the same names. */
type Database = (made: Counter) => Column['lines'];

const database = (capacity: Term[], storage: Term[], snapshots: Term[], proxy: Term[]): Column['lines'] => [
  line('Database', 'Capacity of the database', ...capacity),
  line('Database', 'Storage, and I/O requests of Aurora', ...storage),
  line('Database', 'Snapshots of AWS Backup', ...snapshots),
  line('Database', 'RDS Proxy, and its endpoint for Aurora readers', ...proxy),
];
type Term = ReturnType<typeof term>;

const aurora: Database = (made) => {
  const { ServerlessV2ScalingConfiguration: { MinCapacity }, BackupRetentionPeriod } = made.only('AWS::RDS::DBCluster');
  const { BackupPlan: { BackupPlanRule: [rule] } } = made.only('AWS::Backup::BackupPlan');
  const { DeleteAfterDays } = rule.Lifecycle;
  const zones = sum(made.all('AWS::RDS::DBProxyEndpoint').map(({ VpcSubnetIds }) => VpcSubnetIds.length));
  return database(
    [term('aurora-acu-hour', times(made.count('AWS::RDS::DBInstance'), 'instances'), times(MinCapacity, 'ACU'), HOURS)],
    [term('aurora-storage-gb', GB(10)), term('aurora-million-requests', million(1))],
    // Snapshots younger than the automated backups are free.
    DeleteAfterDays > BackupRetentionPeriod
      ? [term('backup-aurora-gb', times(DeleteAfterDays - BackupRetentionPeriod, 'snapshots'), GB(10))]
      : [],
    [
      term('proxy-hour', times(LEAST_PROXY_ACU, 'ACU'), HOURS),
      term('interface-endpoint-hour', times(zones, 'zones'), HOURS),
    ],
  );
};

const instance: Database = (made) => {
  const storage = GB(Number(made.only('AWS::RDS::DBInstance').AllocatedStorage));
  return database(
    [term(made.instanceHour, HOURS)],
    [term('rds-gp3-multi-az-gb', storage)],
    [term('backup-rds-gb', storage)],
    [term('proxy-hour', times(INSTANCE_VCPU, 'vCPU'), HOURS)],
  );
};

function linesOf(templates: TemplateJson[], database_: Database): Column['lines'] {
  const made = new Counter(templates);
  const { vcpu, gb } = made.taskSize;
  const { MinSize, MixedInstancesPolicy: { LaunchTemplate } } = made.only('AWS::AutoScaling::AutoScalingGroup');
  const running = times(Number(MinSize), 'instances');
  const type = LaunchTemplate.Overrides[0].InstanceType;
  const { InstanceType } = made.only('AWS::EC2::Instance');
  const services = made.count('AWS::ECS::Service');
  const insights = 8 + made.count('AWS::ECS::TaskDefinition') * 6 + services * 11;
  return [
    line('Network', 'NAT gateways', term('nat-gateway-hour', made.count('AWS::EC2::NatGateway'), HOURS)),
    line('Network', 'Traffic through the NAT gateways', term('nat-gateway-gb', GB(10))),
    line('Network', 'Public IPv4 addresses', term('public-ipv4-hour', made.addresses, HOURS)),
    line('Load balancer and firewall', 'Load balancer',
      term('load-balancer-hour', made.count('AWS::ElasticLoadBalancingV2::LoadBalancer'), HOURS)),
    line('Load balancer and firewall', 'Load balancer capacity units', term('lcu-hour', times(1, 'LCU'), HOURS)),
    line('Load balancer and firewall', 'Web firewall', term('web-acl', made.count('AWS::WAFv2::WebACL')),
      term('web-acl-rule', times(made.firewallRules, 'rules')), term('web-acl-million-requests', million(1))),
    line('Services', `${type}, volumes, detailed monitoring`,
      term(itemOf(`${type.replace('.', '-')}-hour`), running, HOURS),
      term('ebs-gp3-gb', running, GB(30)), term('custom-metric', running, times(7, 'metrics'))),
    line('Services', 'Migrations and cleanup on Fargate, less than an hour',
      term('fargate-vcpu-hour', times(1, 'h'), times(vcpu, 'vCPU')), term('fargate-gb-hour', times(1, 'h'), GB(gb))),
    line('Services', 'Images', term('ecr-gb', GB(1.1))),
    line('Services', 'Requests to the queue of the jobs, up to a million'),
    line('Services', 'Polls of the redeployment queue', term('sqs-fifo-million-requests', million(0.65))),
    ...database_(made),
    line('Bastion', `${InstanceType}, volume, detailed monitoring`,
      term(itemOf(`${InstanceType.replace('.', '-')}-hour`), HOURS),
      term('ebs-gp3-gb', GB(8)), term('custom-metric', times(7, 'metrics'))),
    line('Storage', 'Documents, log files and requests', term('s3-gb', GB(15)),
      term('s3-million-writes', million(0.2)), term('s3-million-reads', million(0.1))),
    line('Keys and secrets', 'KMS keys', term('kms-key', made.count('AWS::KMS::Key'))),
    line('Keys and secrets', 'KMS requests', term('kms-million-requests', million(0.2))),
    line('Keys and secrets', 'Secrets', term('secret', made.secrets)),
    line('Logs and monitoring', 'Alarms', term('alarm-metric', times(made.alarmMetrics, 'metrics'))),
    line('Logs and monitoring', 'Alarms that scaling policies create',
      term('alarm-metric', times(made.trackingMetrics, 'metrics'))),
    line('Logs and monitoring', 'Age of the passwords, billed in hours with a value',
      term('custom-metric', 1, times(0.05, 'of the hours'))),
    line('Logs and monitoring', 'Dashboard', term('dashboard', made.count('AWS::CloudWatch::Dashboard'))),
    line('Logs and monitoring', 'Container Insights, about', term('custom-metric', times(insights, 'metrics'))),
    line('Logs and monitoring', 'Logs and Enhanced Monitoring', term('logs-gb', GB(10)), term('logs-gb', GB(0.6))),
  ];
}
