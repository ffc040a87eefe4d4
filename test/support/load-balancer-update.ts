import { TemplateResource } from './dependencies';

interface Template {
  readonly Resources: Record<string, TemplateResource>;
}

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';

/**
 * Returns why an update fails, by the rules of CloudFormation and Elastic Load Balancing.
 *
 * - CloudFormation creates new and replaced resources before it deletes the old ones, so both exist.
 * - A target group is associated with one load balancer, a port of a load balancer with one listener, and a priority of
 *   a listener with one rule.
 *   https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
 *   https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
 */
export function refusedByLoadBalancing(before: Template, after: Template): string[] {
  const both = [before, after].map((template) => new LoadBalancing(template));
  const [groups, ports, priorities] = [new Uses(), new Uses(), new Uses()];
  for (const state of both) {
    for (const [group, balancer] of state.associations()) groups.add(group, balancer);
    for (const [port, listener] of state.ports()) ports.add(port, listener);
    for (const [priority, rule] of state.priorities()) priorities.add(priority, rule);
  }
  return [
    ...groups.shared().map((group) => `target group ${group} cannot be associated with more than one load balancer`),
    ...ports.shared().map((port) => `a listener already exists on ${port}`),
    ...priorities.shared().map((priority) => `priority ${priority} is in use`),
  ];
}

/** The different users of things that only one can use. */
class Uses {
  private readonly users = new Map<string, Set<string>>();

  public add(thing: string, user: string): void {
    this.users.set(thing, (this.users.get(thing) ?? new Set()).add(user));
  }

  public shared(): string[] {
    return [...this.users].filter(([, users]) => users.size > 1).map(([thing]) => thing);
  }
}

class LoadBalancing {
  constructor(private readonly template: Template) {}

  /** Each target group with the load balancer of its rules. */
  public associations(): Array<[string, string]> {
    return this.ofType(RULE).flatMap(([, { Properties }]) =>
      (Properties.Actions as Array<{ TargetGroupArn: { Ref: string } }>)
        .map(({ TargetGroupArn }): [string, string] => [
          TargetGroupArn.Ref, this.balancerOf(Properties.ListenerArn),
        ]));
  }

  public ports(): Array<[string, string]> {
    return this.ofType(LISTENER).map(([id, { Properties }]) => [
      `port ${Properties.Port} of ${this.identityOf(Properties.LoadBalancerArn)}`, id,
    ]);
  }

  public priorities(): Array<[string, string]> {
    return this.ofType(RULE).map(([id, { Properties: { Priority, ListenerArn } }]) =>
      [`${Priority} of ${JSON.stringify(ListenerArn)} at ${this.balancerOf(ListenerArn)}`, id]);
  }

  private balancerOf(listenerArn: unknown): string {
    const own = this.template.Resources[(listenerArn as { Ref?: string }).Ref ?? ''];
    return own ? this.identityOf(own.Properties.LoadBalancerArn) : JSON.stringify(listenerArn);
  }

  /** A load balancer with another name or scheme is another one. */
  private identityOf(arn: unknown): string {
    const { Ref: id = '' } = arn as { Ref?: string };
    const own = this.template.Resources[id];
    if (own?.Type !== LOAD_BALANCER) return JSON.stringify(arn);
    return [id, own.Properties.Scheme, own.Properties.Name].join(' ');
  }

  private ofType(type: string): Array<[string, TemplateResource]> {
    return Object.entries(this.template.Resources).filter(([, { Type }]) => Type === type);
  }
}
