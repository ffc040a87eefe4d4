import { Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ComplianceGuardrails, ConfigGuardrail, ConformancePack, WorkloadMonitoring } from 'cdk-hipaa';

export interface GuardrailsStackProps extends StackProps {
  /** The one network of the account that may have a way to the internet. */
  readonly vpc: ec2.IVpc;
  /** What the account may cost in a month, in USD. */
  readonly monthlyCostLimit: number;
  readonly topic: sns.ITopic;
}

/** What is watched and forbidden in the whole account, whatever runs in it. */
export class GuardrailsStack extends Stack {
  constructor(scope: Construct, id: string, props: GuardrailsStackProps) {
    super(scope, id, props);

    const guardrails = new ComplianceGuardrails(this, 'Guardrails', {
      config: ConfigGuardrail.create({ conformancePack: pack(props.vpc) }),
      monthlyCostLimit: props.monthlyCostLimit,
    });

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { topic: props.topic });
    monitoring.watch(guardrails);
  }
}

/** The 130 rules, told what is meant to be here, less those that would judge something which is so for a reason. */
function pack(vpc: ec2.IVpc): ConformancePack {
  return ConformancePack.hipaaSecurity({
    parameters: {
      'cloudwatch-alarm-action-check': { insufficientDataActionRequired: 'false' },
      'internet-gateway-authorized-vpc-only': { AuthorizedVpcIds: vpc.vpcId },
      'vpc-sg-open-only-to-authorized-ports': { authorizedTcpPorts: '80,443' },
    },
    exclude: {
      'ebs-in-backup-plan': 'the only disk is that of the bastion, which holds nothing that a deployment does not make again',
      'ec2-resources-protected-by-backup-plan': 'the only machine is the bastion, which is replaced and never restored',
      'iam-no-inline-policy-check': 'the function by which AWS CDK closes the default security group has its policy in its role; no other role of this app has one',
      'no-unrestricted-route-to-igw': 'three public subnets lead to the internet, and hold the load balancer and the NAT gateways only',
      's3-bucket-logging-enabled': 'the only buckets hold logs themselves; who reads them is in the trail, as data events',
      's3-bucket-replication-enabled': 'locks and versions protect the logs, and the contingency plan does not ask for them in a second region',
      's3-default-encryption-kms': 'load balancers write access logs under the keys of S3 alone, and their bucket cannot have another',
      'secretsmanager-rotation-enabled-check': 'the credential of the clearinghouse is its own to make; an alarm tells when it has grown old',
    },
  });
}
