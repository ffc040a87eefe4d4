import { Costs, Counter, HOURS, line, term, times } from './costs';

const GB = (value: number) => times(value, 'GB');
const million = (value: number) => times(value, 'million');

/** Assumes a million requests, 10 GB through the NAT gateways, 10 GB of logs and one image a week. */
export const mentalhealthaide: Costs = {
  name: 'mentalhealthaide',
  columns: (templates) => {
    const made = new Counter(Object.values(templates));
    const { vcpu, gb } = made.taskSize;
    const tasks = times(made.leastTasks, 'tasks');
    const { AllocatedStorage, DBInstanceClass } = made.only('AWS::RDS::DBInstance');
    const storage = GB(Number(AllocatedStorage));
    return [
      {
        name: '',
        lines: [
          line('Network', 'NAT gateways', term('nat-gateway-hour', made.count('AWS::EC2::NatGateway'), HOURS)),
          line('Network', 'Traffic through the NAT gateways', term('nat-gateway-gb', GB(10))),
          line('Network', 'Public IPv4 addresses', term('public-ipv4-hour', made.addresses, HOURS)),
          line(
            'Load balancer and firewall',
            'Load balancer',
            term('load-balancer-hour', made.count('AWS::ElasticLoadBalancingV2::LoadBalancer'), HOURS),
          ),
          line('Load balancer and firewall', 'Load balancer capacity units', term('lcu-hour', times(1, 'LCU'), HOURS)),
          line(
            'Load balancer and firewall',
            'Web firewall',
            term('web-acl', made.count('AWS::WAFv2::WebACL')),
            term('web-acl-rule', times(made.firewallRules, 'rules')),
            term('web-acl-million-requests', million(1)),
          ),
          line(
            'Service',
            'Fargate',
            term('fargate-vcpu-hour', tasks, HOURS, times(vcpu, 'vCPU')),
            term('fargate-gb-hour', tasks, HOURS, GB(gb)),
          ),
          line('Service', 'Polls of the redeployment queue', term('sqs-fifo-million-requests', million(0.65))),
          line('Database', `${DBInstanceClass}, Multi-AZ`, term(made.instanceHour, HOURS)),
          line('Database', 'Storage, gp3, Multi-AZ', term('rds-gp3-multi-az-gb', storage)),
          line('Database', 'Automated backups up to the size of the storage'),
          line('Database', 'Snapshots of AWS Backup', term('backup-rds-gb', storage)),
          line('Keys and secrets', 'KMS keys', term('kms-key', made.count('AWS::KMS::Key'))),
          line('Keys and secrets', 'Secrets', term('secret', made.secrets)),
          line('Logs and monitoring', 'Alarms', term('alarm-metric', times(made.alarmMetrics, 'metrics'))),
          line('Logs and monitoring', 'Alarms that scaling policies create',
            term('alarm-metric', times(made.trackingMetrics, 'metrics'))),
          line('Logs and monitoring', 'Age of the passwords, billed in hours with a value',
            term('custom-metric', 1, times(0.05, 'of the hours'))),
          line('Logs and monitoring', 'Dashboard', term('dashboard', made.count('AWS::CloudWatch::Dashboard'))),
          line('Logs and monitoring', 'Container Insights, about', term('custom-metric', times(20, 'metrics'))),
          line(
            'Logs and monitoring',
            'Logs and Enhanced Monitoring',
            term('logs-gb', GB(10)),
            term('logs-gb', GB(0.3)),
          ),
          line(
            'Inspector',
            'Functions, images pushed, images scanned again',
            term('inspector-function', made.count('AWS::Lambda::Function')),
            term('inspector-image', 4),
            term('inspector-rescan', 30),
          ),
        ],
      },
    ];
  },
};
