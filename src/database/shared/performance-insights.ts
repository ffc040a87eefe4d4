import { Annotations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { EngineProfile } from '../engines/engine-profile';
import { offersPerformanceInsights } from './instance-class';

/** How a database shows what its load is made of. */
export interface PerformanceInsights {
  readonly enablePerformanceInsights: boolean;
  readonly performanceInsightEncryptionKey?: kms.IKey;
  readonly performanceInsightRetention?: rds.PerformanceInsightRetention;
  readonly databaseInsightsMode?: rds.DatabaseInsightsMode;
}

/** Database Insights in its standard mode, encrypted; off, and said at synthesis, where the class has none. Serverless capacity is of no class, and has them. */
export function performanceInsights(
  scope: Construct,
  profile: EngineProfile,
  encryptionKey: kms.IKey,
  instanceType?: ec2.InstanceType,
): PerformanceInsights {
  if (instanceType && !offersPerformanceInsights(profile, instanceType)) {
    Annotations.of(scope).addInfoV2('cdk-hipaa:no-performance-insights', `${profile.product} on db.${instanceType} offers no performance insights: Database Insights shows no statements`);
    return { enablePerformanceInsights: false };
  }
  return {
    enablePerformanceInsights: true,
    performanceInsightEncryptionKey: encryptionKey,
    performanceInsightRetention: rds.PerformanceInsightRetention.DEFAULT,
    databaseInsightsMode: rds.DatabaseInsightsMode.STANDARD,
  };
}
