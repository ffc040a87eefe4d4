import { Costs, Counter, HOURS, line, term, times } from './costs';

const GB = (value: number) => times(value, 'GB');
const million = (value: number) => times(value, 'million');

/**
 * Assumes a million requests of which a third uses the key of the fields, the smallest number of tasks, 10 GB through
 * the NAT gateway, 10 GB of logs, 2 GB of trail logs, 10 GB of reports, four new images, and a small account.
 */
export const carebow: Costs = {
  name: 'carebow',
  columns: (templates) => {
    const made = new Counter(Object.values(templates));
    const { vcpu, gb } = made.taskSize;
    const tasks = times(made.leastTasks, 'tasks');
    const { AllocatedStorage, DBInstanceClass } = made.only('AWS::RDS::DBInstance');
    const storage = GB(Number(AllocatedStorage));
    return [{
      name: '',
      lines: [
        line('Network', 'NAT gateway', term('nat-gateway-hour', made.count('AWS::EC2::NatGateway'), HOURS)),
        line('Network', 'Traffic through the NAT gateway', term('nat-gateway-gb', GB(10))),
        line('Network', 'Public IPv4 addresses', term('public-ipv4-hour', made.addresses, HOURS)),
        line('Load balancer and firewall', 'Load balancer',
          term('load-balancer-hour', made.count('AWS::ElasticLoadBalancingV2::LoadBalancer'), HOURS)),
        line('Load balancer and firewall', 'Load balancer capacity units', term('lcu-hour', times(1, 'LCU'), HOURS)),
        line('Load balancer and firewall', 'Web firewall', term('web-acl', made.count('AWS::WAFv2::WebACL')),
          term('web-acl-rule', times(made.firewallRules, 'rules')), term('web-acl-million-requests', million(1))),
        line('Service', 'Fargate',
          term('fargate-vcpu-hour', tasks, HOURS, times(vcpu, 'vCPU')), term('fargate-gb-hour', tasks, HOURS, GB(gb))),
        line('Service', 'Images', term('ecr-gb', times(made.count('AWS::ECR::Repository'), 'repository'), GB(1.1))),
        line('Service', 'Polls of the redeployment queue', term('sqs-fifo-million-requests', million(0.65))),
        line('Database', `${DBInstanceClass}, Multi-AZ`, term(made.instanceHour, HOURS)),
        line('Database', 'Storage, gp3, Multi-AZ', term('rds-gp3-multi-az-gb', storage)),
        line('Database', 'Automated backups up to the size of the storage'),
        line('Database', 'Snapshots of AWS Backup', term('backup-rds-gb', storage)),
        line('Reports', 'Objects and requests',
          term('s3-gb', GB(10)), term('s3-million-writes', million(0.01)), term('s3-million-reads', million(0.05))),
        line('Keys and secrets', 'KMS keys', term('kms-key', made.count('AWS::KMS::Key'))),
        line('Keys and secrets', 'KMS requests', term('kms-million-requests', million(0.4))),
        line('Keys and secrets', 'Secrets', term('secret', made.secrets)),
        line('Logs and monitoring', 'Alarms', term('alarm-metric', times(made.alarmMetrics, 'metrics'))),
        line('Logs and monitoring', 'Alarms that scaling policies create',
          term('alarm-metric', times(made.trackingMetrics, 'metrics'))),
        line('Logs and monitoring', 'Log metrics of the API', term('custom-metric', 2)),
        line('Logs and monitoring', 'Age and placeholder of the API keys',
          term('custom-metric', made.externalSecretMetrics)),
        line('Logs and monitoring', 'Age of the passwords, billed in hours with a value',
          term('custom-metric', 1, times(0.05, 'of the hours'))),
        line('Logs and monitoring', 'Dashboards', term('dashboard', made.count('AWS::CloudWatch::Dashboard'))),
        line('Logs and monitoring', 'Container Insights, about', term('custom-metric', times(26, 'metrics'))),
        line('Logs and monitoring', 'Logs and Enhanced Monitoring', term('logs-gb', GB(10)), term('logs-gb', GB(0.3))),
        ...guardrails(made),
      ],
    }];
  },
};

/** The guardrails of a small account. */
const guardrails = (made: Counter) => [
  line('Guardrails', 'CloudTrail, first copy of management events'),
  line('Guardrails', 'CloudTrail: data events of buckets, log group',
    term('trail-million-data-events', million(0.5)), term('logs-gb', GB(2))),
  line('Guardrails', 'AWS Config: items, rule evaluations',
    term('config-item', 1500), term('config-evaluation', 12_000)),
  line('Guardrails', 'GuardDuty: management events, flow and DNS logs',
    term('guardduty-million-events', million(0.5)), term('guardduty-flow-gb', GB(3))),
  line('Guardrails', 'GuardDuty: S3 data events', term('guardduty-million-s3-events', million(0.5))),
  line('Guardrails', 'Security Hub', term('security-hub-check', times(8_000, 'checks'))),
  line('Guardrails', 'Inspector: images pushed and scanned again, functions', term('inspector-image', 4),
    term('inspector-rescan', 120), term('inspector-function', made.count('AWS::Lambda::Function'))),
  line('Guardrails', 'Access Analyzer, settings of the account'),
];
