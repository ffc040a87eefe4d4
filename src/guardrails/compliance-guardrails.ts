import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { InspectorGuardrail } from './inspector-guardrail';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { pinFeatureFlags } from '../private/feature-flags';
import { HandlerFunction } from '../private/handler-function';
import { refuse, Situation } from '../private/refusal';
import { declareWatchable } from '../private/watched';

/** How finely the metrics of the functions are read, in minutes. */
const METRIC_PERIOD_MINUTES = 5;

/** The guardrails of an account. Each is a choice: create it, adopt what is there, or skip it with a reason. */
export interface ComplianceGuardrailsProps {
  /**
   * How Amazon Inspector v2 comes to scan this account and region for known vulnerabilities.
   * @default InspectorGuardrail.create()
   */
  readonly inspector?: InspectorGuardrail;
  /**
   * The key for the logs, the environment and the dead letters of the functions that set the guardrails up. It must let
   * CloudWatch Logs use it, which is added to its policy unless the key was imported by its ARN.
   * @default - a customer-managed key of its own that rotates yearly
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * The services that AWS offers once for an account and region, set up for HIPAA. Amazon Inspector v2 is the first.
 *
 * One for each account and region: a second one in the same stack, or in another stack that is known to be deployed to
 * the same account and region, is refused.
 */
export class ComplianceGuardrails extends Construct implements IMonitored {
  /** The function that enables Inspector, or undefined when Inspector is skipped. */
  public readonly inspectorFunction?: lambda.IFunction;

  private readonly handlers: HandlerFunction[];

  constructor(scope: Construct, id: string, props: ComplianceGuardrailsProps = {}) {
    super(scope, id);
    pinFeatureFlags(this);
    this.refuseSecond();
    const inspector = (props.inspector ?? InspectorGuardrail.create())._bind(this, { encryptionKey: props.encryptionKey });
    this.inspectorFunction = inspector?.function;
    this.handlers = inspector ? [inspector] : [];
    declareWatchable(this);
  }

  /** An alarm for each function that gave up on a request of CloudFormation's. Findings are no metric of Inspector's. */
  public monitoringPlan(): MonitoringPlan {
    const period = Duration.minutes(METRIC_PERIOD_MINUTES);
    return {
      title: `Compliance guardrails of ${this.node.path}`,
      alarms: this.handlers.map((handler) => ({
        id: `${handler.node.id}GaveUp`,
        metric: handler.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period }),
        threshold: 0,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'Read the message in the dead-letter queue, a request of CloudFormation\'s that got no answer, and the function\'s log at that time. '
          + 'Then see in the console whether the guardrail is enabled, and deploy the stack again. Delete the message afterwards.',
      })),
      widgets: this.handlers.map((handler) => new cloudwatch.GraphWidget({
        title: `${handler.node.id}: calls and errors`,
        left: [handler.function.metricInvocations({ period }), handler.function.metricErrors({ period })],
      })),
    };
  }

  private refuseSecond(): void {
    const other = this.node.root.node.findAll().find((node) => node !== this && node instanceof ComplianceGuardrails && inOnePlace(node, this));
    if (!other) return;
    refuse(this, {
      prop: 'ComplianceGuardrails',
      given: new Situation(`made beside ${other.node.path}`),
      allowed: 'one for each account and region',
      change: 'remove one of the two',
    });
  }
}

/** Whether two constructs are known to be deployed to the same account and region. */
function inOnePlace(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [Stack.of(one), Stack.of(other)];
  const known = (value: string) => !Token.isUnresolved(value);
  return a === b || (known(a.account) && known(a.region) && a.account === b.account && a.region === b.region);
}
