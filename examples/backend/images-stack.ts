import { Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { HardenedRepository } from 'cdk-hipaa';

/** The repository of the programs. Deploy it and push the image before the stack that runs it. */
export class ImagesStack extends Stack {
  public readonly programs: HardenedRepository;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    this.programs = new HardenedRepository(this, 'Programs');
  }
}
