import { ReferenceStrength, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { requireUsEast1 } from '../blocks/us-east-1';
import { Refusal, refuse, Situation } from '../core/refusal';

/**
 * The ARN of the web ACL of a firewall, readable from the stack of a distribution.
 *
 * Within one region, this is an ordinary reference. From another region, it is a weak reference: the stack of the site
 * reads an output of the stack of the firewall at each deployment, and neither stack gets a custom resource.
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
  // aws-cdk-lib loses the strength of a reference out of a nested stack, and creates custom resources.
  if (home.nestedStackParent) {
    refuse(site, {
      prop: 'firewall',
      given: new Situation(`${firewall.node.path} in a nested stack`),
      allowed: 'a firewall directly in a stack in us-east-1',
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
    given: new Situation(`${firewall.node.path} in ${accountOf(home)}, for a distribution in ${accountOf(away)}`),
    allowed: 'a firewall in the account of the distribution',
    change: 'set the same account in env of both stacks',
  });
}

function crossRegion(site: Construct, firewall: Construct): Refusal {
  return {
    prop: 'firewall',
    given: new Situation(`${firewall.node.path} in ${regionOf(firewall)}, for a distribution in ${regionOf(site)}`),
    allowed: 'a firewall in the same stack, or in another stack if both stacks set their region',
    change: "set env: { region: 'us-east-1' } on the stack of the firewall, and the region of the site on its stack",
  };
}

function regionOf(construct: Construct): string {
  const { region } = Stack.of(construct);
  return Token.isUnresolved(region) ? 'a stack without a region' : `a stack in ${region}`;
}

function accountOf(account: string): string {
  return Token.isUnresolved(account) ? 'a stack without an account' : `account ${account}`;
}
