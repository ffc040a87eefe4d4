import { Arrived, Reply } from './fake-http';
import { FakeService } from './fake-service';

/** A rule of a security group: `tcp 22 0.0.0.0/0`, `-1 sg-1`, or `-1 ::/0`, `-1 pl-1`. */
export type FakeRule = string;

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';
/** The elements of a source, by the start of the source. */
const SOURCES: ReadonlyArray<[start: RegExp, list: string, input: string, field: string, inputField: string]> = [
  [/^sg-/, 'groups', 'Groups', 'groupId', 'GroupId'],
  [/^pl-/, 'prefixListIds', 'PrefixListIds', 'prefixListId', 'PrefixListId'],
  [/:/, 'ipv6Ranges', 'Ipv6Ranges', 'cidrIpv6', 'CidrIpv6'],
  [/./, 'ipRanges', 'IpRanges', 'cidrIp', 'CidrIp'],
];

/** Security groups in EC2. */
export class FakeEc2 extends FakeService {
  public readonly groups: Record<string, { inbound: FakeRule[]; outbound: FakeRule[] }> = {};
  /** The actions of another principal before a call. Each happens once. */
  public readonly meanwhile: Record<string, () => void> = {};

  protected readonly changing = /^Revoke/;

  protected callOf({ body }: Arrived): string {
    return new URLSearchParams(body.toString()).get('Action')!;
  }

  protected serve(call: string, { body }: Arrived): Reply {
    this.meanwhile[call]?.();
    delete this.meanwhile[call];
    const input = new URLSearchParams(body.toString());
    const id = input.get('GroupId.1') ?? input.get('GroupId')!;
    const group = this.groups[id];
    if (!group) return this.failure('InvalidGroup.NotFound');
    if (call === 'DescribeSecurityGroups') {
      return this.xml(call, `<securityGroupInfo><item><groupId>${id}</groupId>`
        + `<ipPermissions>${group.inbound.map(element).join('')}</ipPermissions>`
        + `<ipPermissionsEgress>${group.outbound.map(element).join('')}</ipPermissionsEgress>`
        + '</item></securityGroupInfo>');
    }
    const direction = call === 'RevokeSecurityGroupIngress' ? 'inbound' : 'outbound';
    const given = rulesIn(input);
    // A group of a VPC that is not the default VPC: EC2 removes all of the rules or none.
    if (given.some((rule) => !group[direction].includes(rule))) return this.failure('InvalidPermission.NotFound');
    group[direction] = group[direction].filter((rule) => !given.includes(rule));
    return this.xml(call, '<return>true</return>');
  }

  protected errorBody(code: string): string {
    const [type, message = 'as the service says it'] = code.split(': ');
    return `<Response><Errors><Error><Code>${type}</Code><Message>${message}</Message></Error></Errors></Response>`;
  }

  private failure(code: string): Reply {
    return { status: 400, headers: { 'content-type': 'text/xml' }, body: this.errorBody(code) };
  }

  private xml(call: string, body: string): Reply {
    return {
      headers: { 'content-type': 'text/xml' },
      body: `<${call}Response xmlns="${NAMESPACE}">${body}</${call}Response>`,
    };
  }
}

/** A rule in a response. */
function element(rule: FakeRule): string {
  const [protocol, ...rest] = rule.split(' ');
  const source = rest.pop()!;
  const [, list, , field] = SOURCES.find(([start]) => start.test(source))!;
  const ports = rest.length ? `<fromPort>${rest[0]}</fromPort><toPort>${rest[0]}</toPort>` : '';
  const sources = `<${list}><item><${field}>${source}</${field}></item></${list}>`;
  return `<item><ipProtocol>${protocol}</ipProtocol>${ports}${sources}</item>`;
}

/** The rules in a request, in its order. */
function rulesIn(input: URLSearchParams): FakeRule[] {
  const rules: FakeRule[] = [];
  for (let index = 1; input.has(`IpPermissions.${index}.IpProtocol`); index++) {
    const at = `IpPermissions.${index}`;
    for (const [, , list, , field] of SOURCES) {
      const source = input.get(`${at}.${list}.1.${field}`);
      const parts = [input.get(`${at}.IpProtocol`), input.get(`${at}.FromPort`), source];
      if (source) rules.push(parts.filter(Boolean).join(' '));
    }
  }
  return rules;
}
