import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AuroraCapacity, EncryptedAuroraCluster, WorkloadMonitoring, SsmBastion } from 'cdk-hipaa';

export interface DataStackProps extends StackProps {
  readonly vpc: ec2.IVpc;
  readonly dataSubnets: ec2.SubnetSelection;
  readonly topic: sns.ITopic;
}

/** The database, and the bastion from which people reach it. */
export class DataStack extends Stack {
  public readonly database: EncryptedAuroraCluster;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);

    const database = new EncryptedAuroraCluster(this, 'Database', {
      vpc: props.vpc,
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_15_10 }),
      capacity: AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 1 }),
      databaseName: 'omnirapeutic',
      backup: { retention: Duration.days(7) },
    });
    this.database = database;
    const bastion = new SsmBastion(this, 'Bastion', { vpc: props.vpc, vpcSubnets: props.dataSubnets });
    bastion.allowTo(database);

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { topic: props.topic });
    monitoring.watch(database, bastion);
    new CfnOutput(this, 'Shell', { value: bastion.shellCommand, description: 'Opens a shell on the bastion' });
    new CfnOutput(this, 'SessionPolicy', {
      value: bastion.sessionPolicy.managedPolicyArn,
      description: 'The policy that a person needs to open the shell',
    });
  }
}
