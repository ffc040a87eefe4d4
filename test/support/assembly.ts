import * as fs from 'fs';
import * as path from 'path';
import { DependencyTemplate } from './dependencies';

/** A resource of a template. */
export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Properties?: Record<string, any>;
}

interface Statement {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
}

interface TreeNode {
  readonly path: string;
  readonly children?: Record<string, TreeNode>;
  readonly attributes?: Record<string, string>;
  readonly constructInfo?: { readonly fqn: string };
}

interface Acknowledgement {
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}

const flatten = (node: TreeNode): TreeNode[] => [node, ...Object.values(node.children ?? {}).flatMap(flatten)];

/** The cloud assembly of an app. */
export class Assembly {
  constructor(private readonly directory: string) {}

  public get resources(): Resource[] {
    const templates = fs
      .readdirSync(this.directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.template.json'));
    expect(templates).not.toEqual([]);
    return templates.flatMap((file) =>
      Object.entries<Omit<Resource, 'id'>>(this.read(file).Resources ?? {}).map(([id, resource]) => ({
        id,
        ...resource,
      })),
    );
  }

  public ofType(type: string): Resource[] {
    return this.resources.filter(({ Type }) => Type === type);
  }

  /** The template of each stack, by its name. */
  public get templates(): Map<string, DependencyTemplate> {
    const files = fs.readdirSync(this.directory).filter((file) => file.endsWith('.template.json'));
    return new Map(files.map((file) => [file.replace('.template.json', ''), this.read(file)]));
  }

  public get acknowledgements(): Acknowledgement[] {
    return this.read('compliance-report.json').acknowledged;
  }

  /** The stacks that are marked as disposable. */
  public get disposableStacks(): string[] {
    return this.read('compliance-report.json')
      .relaxed.filter(({ id }: { id: string }) => id === 'cdk-hipaa:disposable-data')
      .map(({ path: at }: { path: string }) => at);
  }

  /** Every construct. */
  public get constructs(): TreeNode[] {
    return flatten(this.read('tree.json').tree);
  }

  private read(file: string) {
    return JSON.parse(fs.readFileSync(path.join(this.directory, file), 'utf8'));
  }
}

const isEverywhere = (rule: Record<string, unknown>) =>
  [rule.CidrIp, rule.CidrIpv6].some((cidr) => cidr === '0.0.0.0/0' || cidr === '::/0');
const isEveryPort = (rule: Record<string, unknown>) =>
  String(rule.IpProtocol) === '-1' || (Number(rule.FromPort) <= 1 && Number(rule.ToPort) === 65535);

/** The security groups that allow all outbound traffic: with a rule, or without any rule, which EC2 treats the same. */
export function openGroups(assembly: Assembly): string[] {
  const beside = assembly.ofType('AWS::EC2::SecurityGroupEgress');
  return assembly.ofType('AWS::EC2::SecurityGroup').filter((group) => {
    const rules = [
      ...(group.Properties!.SecurityGroupEgress ?? []),
      ...beside
        .filter((rule) => JSON.stringify(rule.Properties!.GroupId).includes(`"${group.id}"`))
        .map(({ Properties }) => Properties!),
    ];
    return rules.length === 0 || rules.some((rule) => isEverywhere(rule) && isEveryPort(rule));
  }).map(({ id }) => id);
}

/** The policy statements of all roles, users and groups. */
export function identityStatements(assembly: Assembly): Array<{ id: string; statement: Statement }> {
  return assembly.resources
    .filter(({ Type }) => Type.startsWith('AWS::IAM::'))
    .flatMap(({ id, Properties }) =>
      [
        Properties!.PolicyDocument,
        ...(Properties!.Policies ?? []).map((policy: { PolicyDocument: unknown }) => policy.PolicyDocument),
      ]
        .flatMap((document) => document?.Statement ?? [])
        .map((statement: Statement) => ({ id, statement })),
    );
}

/** The actions that are allowed on every resource. */
export function wildcards(assembly: Assembly): Array<{ id: string; action: string }> {
  return identityStatements(assembly)
    .filter(
      ({ statement }) =>
        statement.Effect === 'Allow' &&
        (statement.NotResource !== undefined || [statement.Resource].flat().includes('*')),
    )
    .flatMap(({ id, statement }) =>
      [statement.Action ?? `not ${JSON.stringify(statement.NotAction)}`].flat().map((action) => ({ id, action })),
    );
}

/** Resources of AWS types without their L1 class, except for those of the custom resources of aws-cdk-lib. */
export function genericResources(assembly: Assembly): string[] {
  return assembly.constructs
    .filter(
      ({ attributes, constructInfo }) =>
        attributes?.['aws:cdk:cloudformation:type']?.startsWith('AWS::') &&
        constructInfo?.fqn === 'aws-cdk-lib.CfnResource',
    )
    .map((node) => node.path)
    .filter((at) => !/\/Custom::\w+CustomResourceProvider\/(Role|Handler)$/.test(at));
}
