import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { IConstruct } from 'constructs';

/** Statements as JSON, as a person pastes them into a policy. */
type Json = { [field: string]: unknown };

/**
 * Returns statements without CloudFormation functions, for a policy outside the template.
 *
 * Account, region, partition and URL suffix have their values if the stack knows them. Otherwise, they are placeholders
 * of `Fn::Sub`, for example `${AWS::AccountId}`.
 */
export function concreteStatements(scope: IConstruct, statements: iam.PolicyStatement[]): Json[] {
  const stack = Stack.of(scope);
  const values = pseudoParameters(stack);
  return statements.map((statement) => concrete(stack.resolve(statement.toStatementJson()), values) as Json);
}

function pseudoParameters({ account, region }: Stack): { [name: string]: string } {
  const known = Token.isUnresolved(region) ? undefined : RegionInfo.get(region);
  return Object.fromEntries(Object.entries({
    'AWS::AccountId': Token.isUnresolved(account) ? undefined : account,
    'AWS::Region': known?.name,
    'AWS::Partition': known?.partition,
    'AWS::URLSuffix': known?.domainSuffix,
  }).map(([name, value]) => [name, value ?? `\${${name}}`]));
}

/** Replaces `Fn::Join` and `Ref` below a value. */
function concrete(value: unknown, values: { [name: string]: string }): unknown {
  if (Array.isArray(value)) return value.map((element) => concrete(element, values));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: name, 'Fn::Join': join } = value as { 'Ref'?: string; 'Fn::Join'?: [string, unknown[]] };
  if (name !== undefined) return values[name] ?? `\${${name}}`;
  if (join !== undefined) return (concrete(join[1], values) as string[]).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, concrete(inner, values)]));
}
