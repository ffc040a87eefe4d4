import { Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Environment } from './environments';
import { DataProtection, HardenedRepository } from 'cdk-hipaa';

export interface ImagesStackProps extends StackProps {
  readonly environment: Environment;
}

/** The repository of the API. Deploy it and push the image before the stack that runs the image. */
export class ImagesStack extends Stack {
  public readonly backend: HardenedRepository;

  constructor(scope: Construct, id: string, props: ImagesStackProps) {
    super(scope, id, { ...props, terminationProtection: props.environment.terminationProtection });
    if (props.environment.disposable) DataProtection.of(this).disposable(props.environment.disposable);

    this.backend = new HardenedRepository(this, 'Backend');
  }
}
