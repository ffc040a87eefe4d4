import { Template } from 'aws-cdk-lib/assertions';
import { firewallIsMeasured } from './monitoring';
import { SIX_YEARS } from './parts';
import {
  firewall,
  firewallBlocks,
  firewallIsAttached,
  limited,
  managed,
  rulesOf,
} from '../../../support/template/firewall';
import { attribute, only, propertiesOf, rotatingKeys, text } from '../../../support/template/reading';
import { FIREWALL, LOG_GROUP } from '../../../support/template/types';

export { firewallBlocks, firewallIsAttached } from '../../../support/template/firewall';

const LOGGING = 'AWS::WAFv2::LoggingConfiguration';

/** One regional web ACL, which protects the load balancer. */
export function regional(whole: Template) {
  expect(firewall(whole).Scope).toBe('REGIONAL');
  firewallIsAttached(whole);
}

/** The rule with this priority is this managed rule group. */
export const asksGroup = (priority: number, name: string) => (whole: Template) =>
  expect(rulesOf(whole)[priority - 1]).toEqual(managed(priority, name));

/** A limit for each address in five minutes, for all requests. */
export const limitsClients = (priority: number, requests: number) => (whole: Template) =>
  expect(rulesOf(whole)[priority - 1]).toEqual(limited(priority, requests));

/** The web ACL has four rules and allows all other requests. */
export function allowsTheRest(whole: Template) {
  expect(firewall(whole).DefaultAction).toEqual({ Allow: {} });
  firewallBlocks(whole);
}

/** The log contains each request and its deciding rule, without the values that could take over a session. */
export function writesDownEveryRequest(whole: Template) {
  const { ResourceArn, LogDestinationConfigs, LoggingFilter, RedactedFields } = propertiesOf(
    whole,
    LOGGING,
    only(whole, LOGGING),
  );
  expect({ ResourceArn, LoggingFilter }).toEqual({
    ResourceArn: attribute(only(whole, FIREWALL), 'Arn'),
    LoggingFilter: undefined,
  });
  expect(RedactedFields).toEqual(['authorization', 'cookie'].map((Name) => ({ SingleHeader: { Name } })));
  const [[id, { Properties }], ...more] = Object.entries(whole.findResources(LOG_GROUP)).filter(([, group]) =>
    text(group.Properties.LogGroupName ?? '').startsWith('aws-waf-logs-'),
  );
  expect(more).toEqual([]);
  expect(LogDestinationConfigs.map(text)).toEqual([
    expect.stringMatching(new RegExp(`:log-group:\\$\\{\\{'Ref':'${id}'\\}\\}$`)),
  ]);
  expect(Properties.RetentionInDays).toBe(SIX_YEARS);
  expect(rotatingKeys(whole)).toContainEqual(Properties.KmsKeyId);
}

/** The web ACL and each of its four rules count blocked requests. */
export function countsEveryRule(whole: Template) {
  firewallIsMeasured(whole);
  firewallBlocks(whole);
}

/** The load balancer receives a request only after the firewall allowed it, even if the firewall fails. */
export function onlyLegitimateTraffic(whole: Template) {
  firewallIsAttached(whole);
  firewallBlocks(whole);
}
