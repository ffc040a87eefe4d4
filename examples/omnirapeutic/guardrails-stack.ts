import { Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ComplianceGuardrails, ConfigOptions, WorkloadMonitoring } from 'cdk-hipaa';

export interface GuardrailsStackProps extends StackProps {
  /** The only network of the account that may have an internet gateway. */
  readonly vpc: ec2.IVpc;
  /** The monthly cost limit of the account, in USD. */
  readonly monthlyCostLimit: number;
  readonly topic: sns.ITopic;
}

/** The guardrails of the account, for all of its workloads. */
export class GuardrailsStack extends Stack {
  constructor(scope: Construct, id: string, props: GuardrailsStackProps) {
    super(scope, id, props);

    const guardrails = new ComplianceGuardrails(this, 'Guardrails', {
      config: conformancePack(props.vpc),
      monthlyCostLimit: props.monthlyCostLimit,
    });

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { topic: props.topic });
    monitoring.watch(guardrails);
  }
}

/** The conformance pack of 130 rules with the parameters of this account, without the rules that do not apply. */
function conformancePack(vpc: ec2.IVpc): ConfigOptions {
  return {
    ruleParameters: {
      'cloudwatch-alarm-action-check': { insufficientDataActionRequired: 'false' },
      'internet-gateway-authorized-vpc-only': { AuthorizedVpcIds: vpc.vpcId },
      'vpc-sg-open-only-to-authorized-ports': { authorizedTcpPorts: '80,443' },
    },
    excludedRules: {
      'ebs-in-backup-plan': 'the only volume belongs to the bastion, which holds nothing that a deployment does not '
        + 'recreate',
      'ec2-resources-protected-by-backup-plan': 'the only instance is the bastion, which is replaced and never '
        + 'restored',
      'no-unrestricted-route-to-igw': 'three public subnets have a route to the internet gateway, for the load '
        + 'balancer and the NAT gateways only',
      's3-bucket-logging-enabled': 'the only buckets contain logs; the trail records reads of their objects as data '
        + 'events',
      's3-bucket-replication-enabled': 'versions protect the logs, and the contingency plan requires no '
        + 'copy in a second region',
      's3-default-encryption-kms': 'load balancers can write access logs only to a bucket with SSE-S3',
      'secretsmanager-rotation-enabled-check': 'the clearinghouse issues its own credential; an alarm fires when it '
        + 'is old',
    },
  };
}
