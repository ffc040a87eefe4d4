import { CfnOutput, DefaultStackSynthesizer, Duration, Fn, Stack, StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { HardenedRepository } from 'cdk-hipaa';

export interface DeliveryStackProps extends StackProps {
  readonly images: HardenedRepository;
  /** The GitHub repository, as `<owner>/<name>`. */
  readonly repository: string;
  /** The environment of GitHub whose reviewers approve a deployment. */
  readonly environment: string;
}

const ISSUER = 'token.actions.githubusercontent.com';
const AUDIENCE = 'sts.amazonaws.com';

/** The role with which GitHub Actions pushes images and deploys, without a stored key. */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    super(scope, id, props);

    const github = new iam.OidcProviderNative(this, 'GitHub', { url: `https://${ISSUER}`, clientIds: [AUDIENCE] });
    const role = new iam.Role(this, 'Role', {
      description: `Deploys from the environment ${props.environment} of ${props.repository}`,
      // Another repository, another branch without the environment, and a pull request of a fork are denied.
      assumedBy: new iam.WebIdentityPrincipal(github.oidcProviderArn, {
        StringEquals: {
          [`${ISSUER}:aud`]: AUDIENCE,
          [`${ISSUER}:sub`]: `repo:${props.repository}:environment:${props.environment}`,
        },
      }),
      maxSessionDuration: Duration.hours(1),
    });
    props.images.grantPush(role);
    new iam.ManagedPolicy(this, 'Deploy', {
      description: 'Assumes the roles of the CDK bootstrap stack that deploy stacks and publish files',
      roles: [role],
      statements: [new iam.PolicyStatement({
        actions: ['sts:AssumeRole'],
        resources: [
          DefaultStackSynthesizer.DEFAULT_DEPLOY_ROLE_ARN,
          DefaultStackSynthesizer.DEFAULT_FILE_ASSET_PUBLISHING_ROLE_ARN,
        ].map((arn) => Fn.sub(arn.replace(/\$\{Qualifier\}/g, DefaultStackSynthesizer.DEFAULT_QUALIFIER))),
      })],
    });

    new CfnOutput(this, 'RoleArn', { value: role.roleArn, description: 'AWS_ROLE_ARN of the environment of GitHub' });
  }
}
