import { Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EdgeStack } from './edge-stack';
import { Environment } from './environments';
import { DataProtection, WorkloadMonitoring, StaticSiteCdn } from 'cdk-hipaa';

export interface EdgeWatchStackProps extends StackProps {
  readonly environment: Environment;
  readonly edge: EdgeStack;
  readonly site: StaticSiteCdn;
}

/** The alarms of CloudFront and its firewall, which publish their metrics in us-east-1. */
export class EdgeWatchStack extends Stack {
  constructor(scope: Construct, id: string, props: EdgeWatchStackProps) {
    super(scope, id, { ...props, terminationProtection: props.environment.terminationProtection });
    if (props.environment.disposable) DataProtection.of(this).disposable(props.environment.disposable);

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: props.environment.alarmEmail });
    monitoring.watch(props.edge.firewall, props.site);
  }
}
