import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { checkFactory } from './check-props';
import { concreteStatements } from './concrete-statements';
import { receiverOf } from './given-key';
import { pageUrl } from './page-url';

const NEEDED = Symbol.for('cdk-hipaa.core.imported-key-statements');

/** A construct with the statements that the policies of its imported keys need. */
type Dependent = IConstruct & { [NEEDED]?: Map<kms.IKey, iam.PolicyStatement[]> };

/**
 * The statements that the policy of an imported key must contain for the constructs of this library.
 *
 * The app cannot change the policy of a key that was imported with `Key.fromKeyArn` or `Key.fromLookup`. Without the
 * statements, a deployment fails or messages are lost. Synthesis prints the same statements in the warning
 * `cdk-hipaa:imported-key`. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html
 *
 * @example
 * const key = kms.Key.fromLookup(this, 'Key', { aliasName: 'alias/clinic' });
 * new PhiBucket(this, 'Reports', { encryptionKey: key });
 * const policy = new iam.PolicyDocument({ statements: ImportedKeyPolicy.of(this).statements(key) });
 */
export class ImportedKeyPolicy {
  /** Returns the statements of the constructs at and below a scope: an app, a stage, a stack or a construct. */
  public static of(scope: IConstruct): ImportedKeyPolicy {
    return new ImportedKeyPolicy(scope);
  }

  private constructor(private readonly scope: IConstruct) {
    checkFactory('ImportedKeyPolicy.of', { scope });
  }

  /**
   * Returns the statements for one key, without duplicates. The list is empty for a key of the app, whose policy
   * contains the statements.
   *
   * Call it after the constructs that use the key, and after `watch` of a `WorkloadMonitoring`.
   * @param encryptionKey the imported key, or another import of the same ARN
   */
  public statements(encryptionKey: kms.IKey): iam.PolicyStatement[] {
    checkFactory('ImportedKeyPolicy.statements', { encryptionKey });
    const all = this.scope.node.findAll().flatMap((dependent: Dependent) =>
      [...dependent[NEEDED] ?? []]
        .filter(([key]) => key.keyArn === encryptionKey.keyArn)
        .flatMap(([, statements]) => statements.map((statement) => ({ dependent, statement }))));
    return [...new Map(all.map(({ dependent, statement }) => [textOf(dependent, statement), statement])).values()];
  }
}

/**
 * Adds statements to the policy of a key. If the key is imported, registers them with its receiver, which then has a
 * warning.
 * @param byAwsCdk the statements that aws-cdk-lib itself adds to the policy of a key of the app
 */
export function allowInKeyPolicy(
  scope: IConstruct,
  key: kms.IKey,
  statements: iam.PolicyStatement[],
  byAwsCdk: iam.PolicyStatement[] = [],
): void {
  const missing = statements.filter((statement) => !key.addToResourcePolicy(statement).statementAdded);
  if (missing.length > 0) requireInKeyPolicy(scope, key, [...missing, ...byAwsCdk]);
}

/** Registers statements with the receiver of an imported key, which then has a warning. */
export function requireInKeyPolicy(scope: IConstruct, key: kms.IKey, statements: iam.PolicyStatement[]): void {
  const dependent: Dependent = receiverOf(scope, key);
  if (!dependent[NEEDED]) {
    dependent[NEEDED] = new Map();
    dependent.node.addValidation({ validate: () => warn(dependent) });
  }
  const needed = dependent[NEEDED];
  needed.set(key, [...needed.get(key) ?? [], ...statements]);
}

/** Prints the statements. It runs at synthesis, because a construct can need more of them after its creation. */
function warn(dependent: Dependent): string[] {
  for (const [key, statements] of dependent[NEEDED] ?? []) {
    const name = Token.isUnresolved(key.keyArn) ? key.node.path : key.keyArn;
    const lines = new Set(concreteStatements(dependent, statements).map((statement) => JSON.stringify(statement)));
    Annotations.of(dependent).addWarningV2('cdk-hipaa:imported-key',
      `the app cannot change the policy of the imported key ${name}: add these statements to it, and then acknowledge `
      + `this warning (${pageUrl('imported-keys.md')})\n[\n${[...lines].map((line) => `  ${line}`).join(',\n')}\n]`);
  }
  return [];
}

function textOf(scope: IConstruct, statement: iam.PolicyStatement): string {
  return JSON.stringify(Stack.of(scope).resolve(statement.toStatementJson()));
}
