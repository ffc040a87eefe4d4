import { Template } from 'aws-cdk-lib/assertions';
import { FILTER, flowLog } from './account';
import { alarmsAbout, dimension, everyAlarm, flowLogGroup, metricsOf, same } from './alarms';
import { SIX_YEARS } from './parts';
import { Properties } from '../../../support/template/mutations';
import { all, only, propertiesOf, ref, rotatingKeys } from '../../../support/template/reading';
import { LOG_GROUP, VPC } from '../../../support/template/types';

/** The web ACL and each rule publish metrics. The alarm on blocked requests reads those of the web ACL. */
export function firewallIsMeasured(whole: Template) {
  const { VisibilityConfig, Rules } = propertiesOf(whole, 'AWS::WAFv2::WebACL', only(whole, 'AWS::WAFv2::WebACL'));
  for (const config of [VisibilityConfig, ...Rules.map((rule: Properties) => rule.VisibilityConfig)]) {
    expect(config).toMatchObject({ CloudWatchMetricsEnabled: true, MetricName: expect.stringMatching(/./) });
  }
  const [alarm] = metricsOf(everyAlarm(whole).EntranceBlockedSurge);
  expect(dimension(alarm, 'WebACL')).toBe(VisibilityConfig.MetricName);
  alarmsAbout('firewall')(whole);
}

/** All accepted and rejected traffic, in a log group with a generated name, for six years. */
export function trafficIsRecorded(whole: Template) {
  const { ResourceId, ResourceType, TrafficType, LogDestinationType } = flowLog(whole);
  expect({ ResourceId, ResourceType, TrafficType, LogDestinationType }).toEqual({
    ResourceId: ref(only(whole, VPC)),
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 'cloud-watch-logs',
  });
  const { LogGroupName, RetentionInDays, KmsKeyId } = propertiesOf(whole, LOG_GROUP, flowLogGroup(whole));
  expect({ LogGroupName, RetentionInDays }).toEqual({ LogGroupName: undefined, RetentionInDays: SIX_YEARS });
  expect(rotatingKeys(whole)).toContainEqual(KmsKeyId);
}

/**
 * Filters publish four metrics of the flow logs, and an alarm reads each. Two filters publish remote access: SSH and
 * RDP.
 */
export function trafficIsAnalysed(whole: Template) {
  trafficIsRecorded(whole);
  const filters = all(whole, FILTER).map(({ Properties: properties }) => properties);
  const ofRecords = filters.filter(({ LogGroupName }) => same(LogGroupName, ref(flowLogGroup(whole))));
  const made = ofRecords.map(({ MetricTransformations: [{ MetricName }] }) => MetricName);
  expect(made.sort()).toEqual([
    'BytesLeavingData',
    'RejectedFromWithin',
    'RemoteAccess',
    'RemoteAccess',
    'SkippedRecords',
  ]);
  const watched = Object.values(everyAlarm(whole)).flatMap(metricsOf).map(({ MetricName }) => MetricName);
  expect(watched).toEqual(expect.arrayContaining(made));
  alarmsAbout('vpc')(whole);
}
