import * as iam from 'aws-cdk-lib/aws-iam';
import { DependencyGroup, IConstruct } from 'constructs';
import { countAttachedPolicies, MAX_POLICIES } from './attached-policies';
import { estimatedLength } from './text-size';
import { acknowledge } from '../core/acknowledge';
import { refuse, Situation } from '../core/refusal';

/**
 * The maximum size of a managed policy, in characters without whitespace.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAX_POLICY_LENGTH = 6_144;
/** The only action on repositories that supports no resource-level permissions. */
const REGISTRY_LOGIN = 'ecr:GetAuthorizationToken';
/** `{"Version":"2012-10-17","Statement":[]}` */
const EMPTY_DOCUMENT_LENGTH = 40;
/** The condition operators for which a list of values is the union of its values. */
const UNION_OPERATORS = ['StringEquals', 'StringLike', 'ArnEquals', 'ArnLike'];

/** The identity of a policy set. */
export interface PolicySetProps {
  /** The role, group or user. The policies are its children, in its stack. */
  readonly identity: IConstruct;
  /** The attachment of the policies to the identity. */
  readonly attachment: Pick<iam.ManagedPolicyProps, 'roles' | 'groups' | 'users'>;
  /** The ID of the first policy. The others are `<id>2`, `<id>3` and so on. */
  readonly id: string;
  readonly description?: string;
  /** Whether the login to a registry goes to the same policy as the repositories. Default: to a separate policy. */
  readonly includesRegistryLogin?: boolean;
  /** A key of the identity, if other stacks of the app can attach policies to it too: the name of an imported role. */
  readonly importedAs?: string;
}

const IMPORTED = Symbol.for('cdk-hipaa.blocks.imported-identities');
/** The number of policies of the app by the key of an imported identity. */
type WithImported = IConstruct & { [IMPORTED]?: Map<string, number> };

interface SizedStatement {
  readonly statement: iam.PolicyStatement;
  length: number;
}

interface SizedPolicy {
  readonly policy: iam.ManagedPolicy;
  readonly statements: SizedStatement[];
}

/**
 * The permissions of an identity, in as many managed policies as their size requires.
 *
 * There is one statement for each set of actions and conditions. Statements that differ only in the values of one
 * condition become one statement. A resource that does not fit into a policy goes to the next one, so a policy never
 * exceeds the quota of IAM. The login to a registry requires a wildcard. It has a separate policy in a role to which an
 * app can add statements, so the rules still report the wildcards of the other policies. Otherwise, it needs none of
 * the few policies of the role.
 */
export class PolicySet {
  private readonly policies: SizedPolicy[] = [];
  private registryLogin?: iam.ManagedPolicy;

  constructor(private readonly props: PolicySetProps) {}

  /** Adds a statement. Refuses more policies than an identity can have. */
  public add(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    if (statement.actions.join() === REGISTRY_LOGIN) {
      this.registryLogin ??= this.props.includesRegistryLogin
        ? this.acknowledgeLogin(this.addPart(statement.copy()))
        : this.acknowledgeLogin(this.defineRegistryLogin(statement));
      return { statementAdded: true, policyDependable: this.registryLogin };
    }
    const changed = [...new Set(partsOf(statement).map((part) => this.addPart(part)))];
    return {
      statementAdded: true,
      policyDependable: changed.length === 1 ? changed[0] : new DependencyGroup(...changed),
    };
  }

  private addPart(part: iam.PolicyStatement): iam.ManagedPolicy {
    for (const { policy, statements } of this.policies) {
      for (const sized of statements) {
        const merged = merge(sized.statement, part);
        if (!merged) continue;
        const length = this.lengthOf(merged);
        if (documentLength(statements) - sized.length + length > MAX_POLICY_LENGTH) continue;
        sized.statement.addResources(...merged.resources);
        sized.statement.addConditions(merged.conditions);
        sized.length = length;
        return policy;
      }
    }
    const length = this.lengthOf(part);
    const fits = (open: SizedPolicy) => documentLength(open.statements) + length <= MAX_POLICY_LENGTH;
    const { policy, statements } = this.policies.find(fits) ?? this.definePolicy();
    statements.push({ statement: part, length });
    policy.addStatements(part);
    return policy;
  }

  /** The length of a statement and a comma. */
  private lengthOf(statement: iam.PolicyStatement): number {
    return estimatedLength(this.props.identity, statement.toStatementJson()) + 1;
  }

  private definePolicy(): SizedPolicy {
    const { identity, attachment, id, description } = this.props;
    this.requireRoom();
    const number = this.policies.length + 1;
    const policyId = number === 1 ? id : `${id}${number}`;
    const policy = new iam.ManagedPolicy(identity, policyId, { ...attachment, description });
    const sized: SizedPolicy = { policy, statements: [] };
    this.policies.push(sized);
    this.countImported(1);
    return sized;
  }

  /**
   * Counts the policies that the identity has as children, and those of other imports of it in the app. The synthesis
   * also counts policies that other code of the stack attaches.
   */
  private requireRoom(): void {
    const { identity } = this.props;
    countAttachedPolicies(identity);
    const own = identity.node.children.filter((child) => child instanceof iam.ManagedPolicy).length;
    const attached = Math.max(own, this.countImported(0));
    if (attached < MAX_POLICIES) return;
    refuse(identity, {
      prop: 'permissions',
      given: new Situation(`${attached + 1} policies${attached > own ? ' in all stacks of the app' : ''}`),
      allowed: `at most ${MAX_POLICIES} managed policies (the IAM quota "Managed policies per role")`,
      change: 'grant fewer resources to this identity, or divide it into two',
    });
  }

  /** Adds policies to the count of an imported identity in the app, and returns the count. */
  private countImported(added: number): number {
    const { identity, importedAs } = this.props;
    if (importedAs === undefined) return 0;
    const root: WithImported = identity.node.root;
    const counts = root[IMPORTED] ??= new Map<string, number>();
    const count = (counts.get(importedAs) ?? 0) + added;
    counts.set(importedAs, count);
    return count;
  }

  private defineRegistryLogin(statement: iam.PolicyStatement): iam.ManagedPolicy {
    this.requireRoom();
    this.countImported(1);
    const { identity, attachment } = this.props;
    return new iam.ManagedPolicy(identity, 'RegistryLogin', {
      ...attachment,
      description: 'Logs in to the registry of the account; another policy names the repositories',
      statements: [statement],
    });
  }

  private acknowledgeLogin(policy: iam.ManagedPolicy): iam.ManagedPolicy {
    const { identity } = this.props;
    acknowledge(policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `ecr:GetAuthorizationToken of ${identity.node.path} applies to the registry of the account and supports `
        + 'no resource-level permissions; the other permissions name the repository of the image',
    });
    return policy;
  }
}

function documentLength(statements: SizedStatement[]): number {
  return statements.reduce((sum, { length }) => sum + length, EMPTY_DOCUMENT_LENGTH);
}

/** Divides a statement into statements of one resource, or of one value of its only condition. */
function partsOf(statement: iam.PolicyStatement): iam.PolicyStatement[] {
  const { resources } = statement;
  if (resources.length > 1) return resources.map((resource) => statement.copy({ resources: [resource] }));
  const condition = unionCondition(statement);
  if (!condition) return [statement.copy()];
  const { operator, key, values } = condition;
  if (values.length === 1) return [statement.copy()];
  return values.map((value) => statement.copy({ conditions: { [operator]: { [key]: [value] } } }));
}

/** Returns the statement that has exactly the effect of two statements, or undefined if there is none. */
function merge(one: iam.PolicyStatement, other: iam.PolicyStatement): iam.PolicyStatement | undefined {
  const same = (read: (statement: iam.PolicyStatement) => unknown) =>
    JSON.stringify(read(one)) === JSON.stringify(read(other));
  const alike = same(({ effect, sid, actions, notActions, notResources }) =>
    [effect, sid, [...actions].sort(), notActions, notResources]);
  if (!alike || one.frozen || one.resources.length === 0) return undefined;
  if (same(({ conditions }) => conditions)) {
    return one.copy({ resources: [...new Set([...one.resources, ...other.resources])] });
  }
  const [first, second] = [unionCondition(one), unionCondition(other)];
  if (!first || !second || !same(({ resources }) => resources)) return undefined;
  if (first.operator !== second.operator || first.key !== second.key) return undefined;
  const values = [...new Set([...first.values, ...second.values])];
  return one.copy({ conditions: { [first.operator]: { [first.key]: values } } });
}

/** Returns the condition of a statement, if it has one with one key, whose values are alternatives. */
function unionCondition({ conditions }: iam.PolicyStatement):
{ operator: string; key: string; values: string[] } | undefined {
  const operators = Object.keys(conditions);
  if (operators.length !== 1 || !UNION_OPERATORS.includes(operators[0])) return undefined;
  const entries = Object.entries(conditions[operators[0]] as Record<string, string | string[]>);
  if (entries.length !== 1) return undefined;
  const [key, value] = entries[0];
  return { operator: operators[0], key, values: [value].flat() };
}
