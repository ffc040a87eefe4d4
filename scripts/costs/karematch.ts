import { Column, Costs, Counter, HOURS, line, TemplateJson, term, times } from './costs';

const GB = (value: number) => times(value, 'GB');
const million = (value: number) => times(value, 'million');

/** The differences between the environments that the templates do not show. */
interface Traffic {
  readonly tasks: number;
  /** The share of the traffic of production. */
  readonly share: number;
}

/**
 * For production, assumes a million requests for pages, a million API requests through CloudFront, which both firewalls
 * inspect, two tasks, 10 GB through the NAT gateways and 10 GB of logs. For development, assumes one task and a tenth
 * of the rest.
 */
export const karematch: Costs = {
  name: 'karematch',
  columns: ({ KareMatch, KareMatchImages, KareMatchDevelopment, KareMatchDevelopmentImages }) => [
    { name: 'Production', lines: linesOf([KareMatch, KareMatchImages], { tasks: 2, share: 1 }) },
    {
      name: 'Development',
      lines: linesOf([KareMatchDevelopment, KareMatchDevelopmentImages], { tasks: 1, share: 0.1 }),
    },
  ],
};

function linesOf(templates: TemplateJson[], { tasks: number, share }: Traffic): Column['lines'] {
  const made = new Counter(templates);
  const { vcpu, gb } = made.taskSize;
  const tasks = times(number, number === 1 ? 'task' : 'tasks');
  const { AllocatedStorage, DBInstanceClass, MultiAZ } = made.only('AWS::RDS::DBInstance');
  const storage = GB(Number(AllocatedStorage));
  const backups = made.all('AWS::Backup::BackupPlan').map(() => term('backup-rds-gb', storage));
  return [
    line('Network', 'NAT gateways', term('nat-gateway-hour', made.count('AWS::EC2::NatGateway'), HOURS)),
    line('Network', 'Traffic through the NAT gateways', term('nat-gateway-gb', GB(10 * share))),
    line('Network', 'Public IPv4 addresses', term('public-ipv4-hour', made.addresses, HOURS)),
    line('Load balancer', 'Load balancer',
      term('load-balancer-hour', made.count('AWS::ElasticLoadBalancingV2::LoadBalancer'), HOURS)),
    line('Load balancer', 'Load balancer capacity units', term('lcu-hour', times(share, 'LCU'), HOURS)),
    line('Firewalls', 'Web firewalls', term('web-acl', made.count('AWS::WAFv2::WebACL')),
      term('web-acl-rule', times(made.firewallRules, 'rules')), term('web-acl-million-requests', million(3 * share))),
    line('Service', 'Fargate',
      term('fargate-vcpu-hour', tasks, HOURS, times(vcpu, 'vCPU')), term('fargate-gb-hour', tasks, HOURS, GB(gb))),
    line('Service', 'Images', term('ecr-gb', GB(1.1))),
    line('Service', 'Polls of the redeployment queue', term('sqs-fifo-million-requests', million(0.65))),
    line('Database', DBInstanceClass, term(made.instanceHour, HOURS)),
    line('Database', 'Storage, gp3', term(MultiAZ ? 'rds-gp3-multi-az-gb' : 'rds-gp3-gb', storage)),
    line('Database', 'Automated backups up to the size of the storage'),
    line('Database', 'Snapshots of AWS Backup', ...backups),
    line('Site', 'CloudFront, up to 1 TB and 10 million requests'),
    line('Site', 'Buckets: page requests, log files',
      term('s3-million-reads', million(share)), term('s3-gb', GB(2 * share))),
    line('Keys and secrets', 'KMS keys', term('kms-key', made.count('AWS::KMS::Key'))),
    line('Keys and secrets', 'Secrets', term('secret', made.secrets)),
    line('Logs and monitoring', 'Alarms', term('alarm-metric', times(made.alarmMetrics, 'metrics'))),
    line('Logs and monitoring', 'Alarms that scaling policies create',
      term('alarm-metric', times(made.trackingMetrics, 'metrics'))),
    line('Logs and monitoring', 'Log metrics', term('custom-metric', made.count('AWS::Logs::MetricFilter'))),
    line('Logs and monitoring', 'Age of the passwords, billed in hours with a value',
      term('custom-metric', 1, times(0.05, 'of the hours'))),
    line('Logs and monitoring', 'Dashboard', term('dashboard', made.count('AWS::CloudWatch::Dashboard'))),
    line('Logs and monitoring', 'Container Insights, about', term('custom-metric', times(26, 'metrics'))),
    line('Logs and monitoring', 'Logs and Enhanced Monitoring',
      term('logs-gb', GB(10 * share)), term('logs-gb', GB(0.3))),
  ];
}
