import { Template } from 'aws-cdk-lib/assertions';
import { firewallIsMeasured } from './monitoring';
import { SIX_YEARS } from './parts';
import { firewall, firewallBlocks, firewallIsAttached, limited, managed, rulesOf } from '../../../support/template/firewall';
import { attribute, only, propertiesOf, rotatingKeys, text } from '../../../support/template/reading';
import { FIREWALL, LOG_GROUP } from '../../../support/template/types';

export { firewallBlocks, firewallIsAttached } from '../../../support/template/firewall';

const LOGGING = 'AWS::WAFv2::LoggingConfiguration';

/** One firewall, of the region, which stands before the load balancer. */
export function regional(whole: Template) {
  expect(firewall(whole).Scope).toBe('REGIONAL');
  firewallIsAttached(whole);
}

/** The rule that is asked first, second and so on is this group. */
export const asksGroup = (priority: number, name: string) => (whole: Template) =>
  expect(rulesOf(whole)[priority - 1]).toEqual(managed(priority, name));

/** One address, in five minutes. Nothing narrows which requests are counted. */
export const limitsClients = (priority: number, requests: number) => (whole: Template) =>
  expect(rulesOf(whole)[priority - 1]).toEqual(limited(priority, requests));

/** What none of the four rules blocks, and there are no others, is let through. */
export function allowsTheRest(whole: Template) {
  expect(firewall(whole).DefaultAction).toEqual({ Allow: {} });
  firewallBlocks(whole);
}

/** Each request, blocked or let through, with the rule that decided; without what would let a reader take over a session. */
export function writesDownEveryRequest(whole: Template) {
  const { ResourceArn, LogDestinationConfigs, LoggingFilter, RedactedFields } = propertiesOf(whole, LOGGING, only(whole, LOGGING));
  expect({ ResourceArn, LoggingFilter }).toEqual({ ResourceArn: attribute(only(whole, FIREWALL), 'Arn'), LoggingFilter: undefined });
  expect(RedactedFields).toEqual(['authorization', 'cookie'].map((Name) => ({ SingleHeader: { Name } })));
  const [[id, { Properties }], ...more] = Object.entries(whole.findResources(LOG_GROUP)).filter(([, group]) => text(group.Properties.LogGroupName ?? '').startsWith('aws-waf-logs-'));
  expect(more).toEqual([]);
  expect(LogDestinationConfigs.map(text)).toEqual([expect.stringMatching(new RegExp(`:log-group:\\$\\{\\{'Ref':'${id}'\\}\\}$`))]);
  expect(Properties.RetentionInDays).toBe(SIX_YEARS);
  expect(rotatingKeys(whole)).toContainEqual(Properties.KmsKeyId);
}

/** Blocked requests are counted, by the firewall as a whole and by each of its four rules. */
export function countsEveryRule(whole: Template) {
  firewallIsMeasured(whole);
  firewallBlocks(whole);
}

/** A request reaches the load balancer after the firewall has let it through, whatever becomes of the firewall. */
export function onlyLegitimateTraffic(whole: Template) {
  firewallIsAttached(whole);
  firewallBlocks(whole);
}
