import { Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { HardenedRepository } from 'cdk-hipaa';

/** The repositories of the three services. Deploy them and push the images before the stack that runs them. */
export class ImagesStack extends Stack {
  public readonly api: HardenedRepository;
  public readonly web: HardenedRepository;
  public readonly worker: HardenedRepository;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    this.api = new HardenedRepository(this, 'Api');
    this.web = new HardenedRepository(this, 'Web');
    this.worker = new HardenedRepository(this, 'Worker');
  }
}
