import { Annotations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { offersPerformanceInsights } from './instance-class';
import { EngineProfile } from '../engines/engine-profile';

/** The Performance Insights properties of a database. */
export interface PerformanceInsights {
  readonly enablePerformanceInsights: boolean;
  readonly performanceInsightEncryptionKey?: kms.IKey;
  readonly performanceInsightRetention?: rds.PerformanceInsightRetention;
  readonly databaseInsightsMode?: rds.DatabaseInsightsMode;
}

/**
 * Database Insights in standard mode, encrypted. If the instance class does not offer Performance Insights, they are
 * off and the synthesis prints an info message. Serverless capacity has no class and offers them.
 */
export function performanceInsights(
  scope: Construct,
  profile: EngineProfile,
  encryptionKey: kms.IKey,
  instanceType?: ec2.InstanceType,
): PerformanceInsights {
  if (instanceType && !offersPerformanceInsights(profile, instanceType)) {
    Annotations.of(scope).addInfoV2(
      'cdk-hipaa:no-performance-insights',
      `${profile.product} on db.${instanceType} does not offer Performance Insights: Database Insights shows no `
        + 'statements',
    );
    return { enablePerformanceInsights: false };
  }
  return {
    enablePerformanceInsights: true,
    performanceInsightEncryptionKey: encryptionKey,
    performanceInsightRetention: rds.PerformanceInsightRetention.DEFAULT,
    databaseInsightsMode: rds.DatabaseInsightsMode.STANDARD,
  };
}
