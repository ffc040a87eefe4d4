import { SdkSettings } from './account';
import { LiveResource } from './endpoint';
import { ask, field, fields, members } from './query-api';

const LOAD_BALANCING = { service: 'elasticloadbalancing', version: '2015-12-01' };

/** The stacks with `WebEndpoint.plainHttp`: a development environment without a domain name and a certificate. */
const PLAIN_HTTP = ['KareMatchDevelopment'];

/** A listener encrypts, redirects to the listener that encrypts, or is in a stack that may serve HTTP. */
export async function listener(
  settings: SdkSettings, { stack, physicalId, properties }: LiveResource,
): Promise<string[]> {
  const text = await ask(settings, LOAD_BALANCING, 'DescribeListeners', { 'ListenerArns.member.1': physicalId });
  if (field(text, 'Protocol') === 'HTTP') {
    const [redirect] = members(text, 'DefaultActions');
    const target = [field(redirect, 'Type'), field(redirect, 'Protocol'), field(redirect, 'StatusCode')].join();
    return target === 'redirect,HTTPS,HTTP_301' || PLAIN_HTTP.includes(stack) ? [] : [`serves HTTP: ${target}`];
  }
  return [
    ...(field(text, 'SslPolicy')?.includes('TLS13') ? [] : [`its policy is ${field(text, 'SslPolicy')}`]),
    ...(members(text, 'Certificates').length > 0 ? [] : ['has no certificate']),
    ...(field(text, 'Port') === String(properties.Port) ? [] : [`listens on port ${field(text, 'Port')}`]),
  ];
}

/** A rule has the priority, the conditions and the targets of the template. */
export async function listenerRule(settings: SdkSettings, resource: LiveResource): Promise<string[]> {
  const { Priority, Conditions, Actions, ListenerArn } = resource.properties as unknown as RuleProperties;
  const found = members(await ask(settings, LOAD_BALANCING, 'DescribeRules', { ListenerArn }), 'Rules');
  const rule = found.find((each) => field(each, 'RuleArn') === resource.physicalId);
  if (rule === undefined) return ['is not a rule of its listener'];
  const wanted = {
    Priority: [String(Priority)],
    Values: Conditions.flatMap((each) => valuesOf(each)).sort(),
    TargetGroupArn: Actions.flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []),
  };
  const read = {
    Priority: [field(rule, 'Priority')],
    Values: [...new Set(members(rule, 'Values'))].sort(),
    TargetGroupArn: [...new Set(fields(members(rule, 'Actions').join(), 'TargetGroupArn'))],
  };
  return (Object.keys(wanted) as Array<keyof typeof wanted>)
    .filter((each) => read[each].join() !== wanted[each].join())
    .map((each) => `${each} is ${read[each].join()} instead of ${wanted[each].join()}`);
}

interface RuleProperties {
  readonly ListenerArn: string;
  readonly Priority: number;
  readonly Conditions: Array<Record<string, unknown>>;
  readonly Actions: Array<{ readonly TargetGroupArn?: string }>;
}

/** The values of a condition, for example `PathPatternConfig: { Values }`. */
const valuesOf = (condition: Record<string, unknown>): string[] =>
  Object.values(condition).flatMap((config) => (config as { Values?: string[] }).Values ?? []);
