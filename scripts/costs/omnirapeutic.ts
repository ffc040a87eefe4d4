import { Costs, Counter, HOURS, itemOf, line, term, times } from './costs';

const GB = (value: number) => times(value, 'GB');
const million = (value: number) => times(value, 'million');

/**
 * Assumes a million requests, the smallest number of tasks, an idle database of 10 GB, 10 GB through the NAT gateways,
 * 10 GB of logs, 2 GB of trail logs, four versions of each image, and a small account with a few deployments a week.
 */
export const omnirapeutic: Costs = {
  name: 'omnirapeutic',
  columns: (templates) => {
    const made = new Counter(Object.values(templates));
    const { vcpu, gb } = made.taskSize;
    const tasks = times(made.leastTasks, 'tasks');
    const [
      {
        ServerlessV2ScalingConfiguration: { MinCapacity },
        BackupRetentionPeriod,
      },
    ] = made.all('AWS::RDS::DBCluster');
    const instances = made.count('AWS::RDS::DBInstance');
    const [
      {
        BackupPlan: {
          BackupPlanRule: [
            {
              Lifecycle: { DeleteAfterDays },
            },
          ],
        },
      },
    ] = made.all('AWS::Backup::BackupPlan');
    const { InstanceType } = made.only('AWS::EC2::Instance');
    const bastions = made.count('AWS::EC2::Instance');
    const services = made.count('AWS::ECS::Service');
    const redeployments = made.count('AWS::Lambda::EventSourceMapping');
    return [{
      name: '',
      lines: [
        line('Network', 'NAT gateways', term('nat-gateway-hour', made.count('AWS::EC2::NatGateway'), HOURS)),
        line('Network', 'Traffic through the NAT gateways', term('nat-gateway-gb', GB(10))),
        line('Network', 'Public IPv4 addresses', term('public-ipv4-hour', made.addresses, HOURS)),
        line('Load balancer and firewall', 'Load balancer',
          term('load-balancer-hour', made.count('AWS::ElasticLoadBalancingV2::LoadBalancer'), HOURS)),
        line('Load balancer and firewall', 'Load balancer capacity units', term('lcu-hour', times(1, 'LCU'), HOURS)),
        line('Load balancer and firewall', 'Web firewall', term('web-acl', made.count('AWS::WAFv2::WebACL')),
          term('web-acl-rule', times(made.firewallRules, 'rules')), term('web-acl-million-requests', million(1))),
        line('Services', 'Fargate',
          term('fargate-vcpu-hour', tasks, HOURS, times(vcpu, 'vCPU')), term('fargate-gb-hour', tasks, HOURS, GB(gb))),
        line('Services', 'Images', term('ecr-gb', times(made.count('AWS::ECR::Repository'), 'repositories'), GB(0.5))),
        line('Services', 'Polls of the redeployment queues',
          term('sqs-fifo-million-requests', redeployments, million(0.65))),
        line('Database', 'Aurora Serverless v2',
          term('aurora-acu-hour', times(instances, 'instances'), times(MinCapacity, 'ACU'), HOURS)),
        line('Database', 'Storage and I/O requests',
          term('aurora-storage-gb', GB(10)), term('aurora-million-requests', million(1))),
        line('Database', `Snapshots of AWS Backup older than ${BackupRetentionPeriod} days`,
          term('backup-aurora-gb', times(DeleteAfterDays - BackupRetentionPeriod, 'snapshots'), GB(10))),
        line('Bastion', `${InstanceType}, volume, detailed monitoring`,
          term(itemOf(`${InstanceType.replace('.', '-')}-hour`), HOURS),
          term('ebs-gp3-gb', GB(8)), term('custom-metric', times(7, 'metrics'))),
        line('Keys and secrets', 'KMS keys', term('kms-key', made.count('AWS::KMS::Key'))),
        line('Keys and secrets', 'KMS requests', term('kms-million-requests', million(0.2))),
        line('Keys and secrets', 'Secrets', term('secret', made.secrets)),
        line('Logs and monitoring', 'Alarms', term('alarm-metric', times(made.alarmMetrics, 'metrics'))),
        line('Logs and monitoring', 'Alarms that scaling policies create',
          term('alarm-metric', times(made.trackingMetrics, 'metrics'))),
        line('Logs and monitoring', 'Log metrics of the flow logs', term('custom-metric', flowLogMetrics(made))),
        line('Logs and monitoring', 'Age and placeholder of the external secret',
          term('custom-metric', made.externalSecretMetrics)),
        line('Logs and monitoring', 'Age of the passwords, billed in hours with a value',
          term('custom-metric', 1, times(0.05, 'of the hours'))),
        line('Logs and monitoring', 'Dashboards', term('dashboard', made.count('AWS::CloudWatch::Dashboard'))),
        line('Logs and monitoring', 'Container Insights, about',
          term('custom-metric', times(8 + made.count('AWS::ECS::TaskDefinition') * 6 + services * 11, 'metrics'))),
        line('Logs and monitoring', 'Logs and Enhanced Monitoring', term('logs-gb', GB(10)), term('logs-gb', GB(0.6))),
        line('Logs and monitoring', 'Log files in buckets',
          term('s3-gb', GB(5)), term('s3-million-writes', million(0.2))),
        line('Guardrails', 'CloudTrail, first copy of management events'),
        line('Guardrails', 'CloudTrail: data events of buckets, log group',
          term('trail-million-data-events', million(0.5)), term('logs-gb', GB(2))),
        line('Guardrails', 'AWS Config: items, rule evaluations',
          term('config-item', 2000), term('config-evaluation', 15_000)),
        line('Guardrails', 'GuardDuty: management events, flow and DNS logs',
          term('guardduty-million-events', million(0.5)),
          term('guardduty-flow-gb', GB(5))),
        line('Guardrails', 'GuardDuty: S3 data events, database logins',
          term('guardduty-million-s3-events', million(1)),
          term('guardduty-rds-instance', times(instances, 'instances'))),
        line('Guardrails', 'Security Hub', term('security-hub-check', times(10_000, 'checks'))),
        line('Guardrails', 'Inspector: bastion, images pushed and scanned again', term('inspector-instance', bastions),
          term('inspector-image', 12), term('inspector-rescan', 300)),
        line('Guardrails', 'Inspector: functions', term('inspector-function', made.count('AWS::Lambda::Function'))),
        line('Guardrails', 'Access Analyzer, settings of the account'),
      ],
    }];
  },
};

/** The metrics that publish zeros. The metrics of the trail publish, and cost, only in hours with events. */
function flowLogMetrics(made: Counter): number {
  const published = made
    .all('AWS::Logs::MetricFilter')
    .map(({ MetricTransformations: [transformation] }) => transformation)
    .filter(({ DefaultValue }) => DefaultValue !== undefined);
  return new Set(published.map(({ MetricName }) => MetricName)).size;
}
