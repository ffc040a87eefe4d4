import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { HardenedRepository } from 'cdk-hipaa';

/** The repository of the API. carebow.sh deploys it and pushes the image before it deploys the stack that runs it. */
export class ImagesStack extends Stack {
  public readonly api: HardenedRepository;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    this.api = new HardenedRepository(this, 'Api');
    new CfnOutput(this, 'Repository', { value: this.api.repository.repositoryUri });
  }
}
