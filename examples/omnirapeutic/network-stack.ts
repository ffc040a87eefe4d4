import { Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { HipaaVpc, WorkloadMonitoring, NetworkAlarms } from 'cdk-hipaa';

export interface NetworkStackProps extends StackProps {
  /** Who is told when something needs a person, in any of the stacks. */
  readonly alarmEmail: string;
}

/** The network, and the topic that the alarms of every stack publish to. */
export class NetworkStack extends Stack {
  public readonly vpc: ec2.IVpc;
  /** The data subnets, in which the bastion stands beside the databases. */
  public readonly dataSubnets: ec2.SubnetSelection;
  public readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);

    const network = new HipaaVpc(this, 'Network', {
      cidr: '10.0.0.0/16',
      maxAzs: 3,
      dataSubnetEgress: { reason: 'the bastion stands in the data subnets, and reaches Systems Manager over the NAT gateway of its zone' },
      alarms: NetworkAlarms.complete(),
    });

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: props.alarmEmail });
    monitoring.watch(network);

    this.vpc = network;
    this.dataSubnets = network.dataTier;
    this.topic = monitoring.topic;
  }
}
