import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CHECK_MINUTES, RollRequest } from './roll-request';
import { chunkPatterns, newValuePattern, rotatedPattern } from './rotation-patterns';
import type { FollowedSecret, FollowingService } from './service-roller';
import { MAX_INPUT_LENGTH } from '../../blocks/event-sizes';
import { estimatedLength, inChunks } from '../../blocks/text-size';


/**
 * The default window: the hour in which secrets rotate by default, and the next one. At its end, all of them have
 * rotated, so one deployment serves all.
 */
const DEFAULT_WINDOW = 'sun:05:00-sun:07:00';

/**
 * Rules that send a request to the queue.
 *
 * The event of Secrets Manager needs only EventBridge. The event of CloudTrail needs a trail, and also exists where
 * Secrets Manager sends no event. The rule for this event has a schedule too: it repeats the check for events that were
 * lost, for a roll that waits for another deployment or for the window, and for the metric.
 *
 * A request contains the settings of the service. If they do not fit into one request, there are several requests, each
 * with its own rules.
 */
export function defineRequestRules(scope: Construct, following: FollowingService, queue: sqs.Queue): events.Rule[] {
  const requestOf = (secrets: FollowedSecret[]) => rollRequest(following, secrets);
  const fits = (secrets: FollowedSecret[]) => estimatedLength(scope, requestOf(secrets)) <= MAX_INPUT_LENGTH;
  return inChunks(following.secrets, fits).flatMap((secrets, index) => {
    const part = index === 0 ? scope : new Construct(scope, `Part${index + 1}`);
    const target = new targets.SqsQueue(queue, {
      // One group for each service, so that its checks do not overlap.
      messageGroupId: scope.node.scope!.node.addr,
      message: events.RuleTargetInput.fromObject(requestOf(secrets)),
    });
    return rulesOf(part, secrets.map(({ secret }) => secret), [target]);
  });
}

function rulesOf(scope: Construct, secrets: secretsmanager.ISecret[], target: events.IRuleTarget[]): events.Rule[] {
  const clock = events.Schedule.rate(Duration.minutes(CHECK_MINUTES));
  return [
    ...chunkPatterns(scope, secrets, newValuePattern).map((eventPattern, index) =>
      new events.Rule(scope, numbered('NewValue', index), {
        description: 'A secret has a new current value',
        eventPattern,
        targets: target,
      })),
    ...chunkPatterns(scope, secrets, rotatedPattern).map((eventPattern, index) =>
      new events.Rule(scope, numbered('Rotated', index), {
        description: index === 0 ? 'A rotation succeeded; also checks for lost events and waiting rolls'
          : 'A rotation succeeded',
        eventPattern,
        // A rule can have a pattern and a schedule. Source: the reference of AWS::Events::Rule.
        schedule: index === 0 ? clock : undefined,
        targets: target,
      })),
  ];
}

/** The first of several rules has the given ID. */
function numbered(id: string, index: number): string {
  return index === 0 ? id : `${id}${index + 1}`;
}

function rollRequest(
  { service, maintenanceWindow = DEFAULT_WINDOW }: FollowingService, secrets: FollowedSecret[],
): RollRequest {
  const arnsOf = (overlapping: boolean) => secrets.filter(({ overlaps }) => overlaps === overlapping)
    .map(({ secret }) => secret.secretFullArn ?? secret.secretArn);
  return {
    cluster: service.cluster.clusterArn,
    service: service.serviceArn,
    breaking: arnsOf(false),
    overlapping: arnsOf(true),
    window: maintenanceWindow,
    event: events.EventField.eventId,
  };
}
