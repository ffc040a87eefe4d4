import { CfnResource, IAspect, Stack, StackProps } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct, IConstruct } from 'constructs';
import { Making } from './generator';
import * as library from '../../src';

/** An aspect of the user that reads every construct. */
export class Visit implements IAspect {
  public visit(node: IConstruct): void {
    if (CfnResource.isCfnResource(node)) node.addMetadata('visited', true);
  }
}

/** A stack of the user without a construct of this library, and with findings. */
export class Pipeline extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    new sqs.Queue(this, 'Queue', { encryption: sqs.QueueEncryption.UNENCRYPTED });
  }
}

/** A resource of the user that services connect to. */
export class Backlog extends Construct implements library.IServiceBindable {
  constructor(scope: Construct, id: string, private readonly making: Making) {
    super(scope, id);
  }

  public bindToService(): library.ServiceBinding {
    return this.making.generator.props<library.ServiceBinding>('ServiceBinding', this.making.place);
  }
}

/** A construct of the user with an alarm and notifications. */
export class Visits extends Construct implements library.IMonitored {
  private readonly plan: library.MonitoringPlan;

  constructor(scope: Construct, id: string, { generator, place }: Making) {
    super(scope, id);
    this.plan = generator.props<library.MonitoringPlan>('MonitoringPlan', place);
  }

  public monitoringPlan(): library.MonitoringPlan {
    return this.plan;
  }
}
