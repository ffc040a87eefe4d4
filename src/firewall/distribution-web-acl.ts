import { ReferenceStrength, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse, Situation } from '../core/refusal';
import { requireUsEast1 } from '../blocks/us-east-1';

/**
 * The ARN of a firewall's web ACL, as the stack of a distribution can read it.
 *
 * Within one region it is an ordinary reference. From another region it is a weak one: the site's stack reads an output of the
 * firewall's stack at each deployment, and neither stack gets a custom resource.
 */
export function webAclArnAt(site: Construct, firewall: Construct, webAclArn: string): string {
  const [home, away] = [Stack.of(firewall), Stack.of(site)];
  if (home === away) return webAclArn;
  requireSameAccount(site, firewall);
  if (Token.isUnresolved(home.region) && Token.isUnresolved(away.region)) {
    requireUsEast1(site, crossRegion(site, firewall));
    return webAclArn;
  }
  if (home.region === away.region) return webAclArn;
  if (Token.isUnresolved(home.region) || Token.isUnresolved(away.region)) refuse(site, crossRegion(site, firewall));
  // aws-cdk-lib forgets the strength of a reference on its way out of a nested stack, and falls back to custom resources.
  if (home.nestedStackParent) {
    refuse(site, {
      prop: 'firewall',
      given: new Situation(`${firewall.node.path}, which lives in a nested stack of another region`),
      allowed: 'a firewall that lives directly in a stack of us-east-1',
      change: 'move the firewall out of the nested stack',
    });
  }
  return Stack.consumeReference(webAclArn, ReferenceStrength.WEAK);
}

function requireSameAccount(site: Construct, firewall: Construct): void {
  const [home, away] = [Stack.of(firewall).account, Stack.of(site).account];
  if (home === away || (Token.isUnresolved(home) && Token.isUnresolved(away))) return;
  refuse(site, {
    prop: 'firewall',
    given: new Situation(`${firewall.node.path}, in ${accountOf(home)}, for a distribution in ${accountOf(away)}`),
    allowed: 'a firewall in the account of the distribution',
    change: 'give both stacks the same account in env',
  });
}

function crossRegion(site: Construct, firewall: Construct) {
  return {
    prop: 'firewall',
    given: new Situation(`${firewall.node.path}, in ${regionOf(firewall)}, for a distribution in ${regionOf(site)}`),
    allowed: 'a firewall of the same stack, or of another one where both stacks set their region',
    change: "give the firewall's stack env: { region: 'us-east-1' }, and the site's stack its own region",
  };
}

function regionOf(construct: Construct): string {
  const { region } = Stack.of(construct);
  return Token.isUnresolved(region) ? 'a stack without a region' : `a stack of ${region}`;
}

function accountOf(account: string): string {
  return Token.isUnresolved(account) ? 'a stack without an account' : `account ${account}`;
}
