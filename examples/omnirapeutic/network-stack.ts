import { Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { HipaaVpc, WorkloadMonitoring, NetworkAlarms } from 'cdk-hipaa';

export interface NetworkStackProps extends StackProps {
  /** The recipient of the alarms of all stacks. */
  readonly alarmEmail: string;
}

/** The network, and the topic of the alarms of all stacks. */
export class NetworkStack extends Stack {
  public readonly vpc: ec2.IVpc;
  /** The data subnets, which contain the bastion and the database. */
  public readonly dataSubnets: ec2.SubnetSelection;
  public readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);

    const network = new HipaaVpc(this, 'Network', {
      cidr: '10.0.0.0/16',
      maxAzs: 3,
      dataSubnetEgress: {
        reason: 'the bastion is in the data subnets and reaches Systems Manager through the NAT gateway of its zone',
      },
      alarms: NetworkAlarms.complete(),
    });

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: props.alarmEmail });
    monitoring.watch(network);

    this.vpc = network;
    this.dataSubnets = network.dataTier;
    this.topic = monitoring.topic;
  }
}
