import * as events from 'aws-cdk-lib/aws-events';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { MAX_PATTERN_LENGTH } from '../../blocks/event-sizes';
import { estimatedLength, inChunks } from '../../blocks/text-size';

/**
 * The event of Secrets Manager about a new current value.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/event-detail-secret-label-updated-secretsmanager.html
 */
export function newValuePattern(arns: string[]): events.EventPattern {
  return {
    source: ['aws.secretsmanager'],
    detailType: ['Secret Label Updated'],
    resources: arns,
    detail: { labelUpdated: ['AWSCURRENT'] },
  };
}

/**
 * The event of CloudTrail about a successful rotation.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html
 */
export function rotatedPattern(arns: string[]): events.EventPattern {
  return {
    source: ['aws.secretsmanager'],
    detailType: ['AWS Service Event via CloudTrail'],
    detail: {
      eventSource: ['secretsmanager.amazonaws.com'],
      eventName: ['RotationSucceeded'],
      additionalEventData: { SecretId: arns },
    },
  };
}

/** Returns patterns for these secrets, in their order: as many as the maximum size of a pattern requires. */
export function chunkPatterns(
  scope: Construct,
  secrets: secretsmanager.ISecret[],
  patternOf: (arns: string[]) => events.EventPattern,
): events.EventPattern[] {
  const pattern = (some: secretsmanager.ISecret[]) => patternOf(some.flatMap(arnMatches));
  return inChunks(secrets, (some) => estimatedLength(scope, pattern(some)) <= MAX_PATTERN_LENGTH).map(pattern);
}

/** A secret that was imported without the last six characters of its ARN is matched by the prefix. */
function arnMatches(secret: secretsmanager.ISecret): string[] {
  return secret.secretFullArn ? [secret.secretFullArn] : events.Match.prefix(`${secret.secretArn}-`);
}
