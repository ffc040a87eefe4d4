import {
  DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, StringConcat, Tokenization,
} from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { IConstruct } from 'constructs';
import { pageUrl } from '../../core/page-url';
import { refuseUse } from '../../core/refusal';

/**
 * At synthesis, refuses read replicas of an instance whose master password RDS manages.
 *
 * RDS refuses them for PostgreSQL and MySQL, at deployment only:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations
 */
export function refuseReadReplicas(scope: IConstruct, instance: rds.CfnDBInstance): void {
  const isReplica = (node: IConstruct) => node instanceof rds.CfnDBInstance
    && [node.sourceDbInstanceIdentifier, node.sourceDbiResourceId].some((source) => names(source, instance));
  scope.node.addValidation({
    validate: () => {
      const replica = scope.node.root.node.findAll().find(isReplica);
      if (replica) {
        refuseUse(
          scope, `${replica.node.path} is a read replica of an instance whose master password RDS manages, and RDS `
            + `supports none for such an instance (${pageUrl('decisions/0032-no-read-replica.md')})`,
          'remove it, or use an EncryptedAuroraCluster, whose readers share the storage of the writer',
        );
      }
      return [];
    },
  });
}

/** Whether a text refers to a resource. The identifier of an instance with a name is a token around a reference. */
function names(text: string | undefined, resource: IConstruct): boolean {
  if (text === undefined) return false;
  const resolver = new TargetsOfReferences();
  Tokenization.resolve(text, { scope: resource, resolver, preparing: false });
  return resolver.targets.includes(resource);
}

class TargetsOfReferences extends DefaultTokenResolver {
  public readonly targets: IConstruct[] = [];

  constructor() {
    super(new StringConcat());
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token)) this.targets.push(token.target);
    return super.resolveToken(token, context, postProcessor);
  }
}
