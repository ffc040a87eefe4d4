import { container, edit, images, Mutation, production, set, STARTER, statements } from './changes';
import * as type from '../proof/parts';
import { REGISTRY } from '../statements/delivery';

const lifecycle = (from: string, to: string) => edit(type.REPOSITORY, ({ LifecyclePolicy: policy }) => {
  policy.LifecyclePolicyText = policy.LifecyclePolicyText.replace(from, to);
});

/** Changes to the registry, each with the row that it must fail. */
export const REGISTRY_CHANGES: Mutation[] = [
  images(
    REGISTRY,
    'ECR Repository: karematch-backend',
    'a fixed name',
    set(type.REPOSITORY, { RepositoryName: 'karematch-backend' }),
  ),
  images(
    REGISTRY,
    'ECR Repository: Image tag mutability: Mutable (allows :latest)',
    'mutable tags',
    set(type.REPOSITORY, { ImageTagMutability: 'MUTABLE' }),
  ),
  production(
    REGISTRY,
    'ECR Repository: Image tag mutability: Mutable (allows :latest)',
    'the latest image',
    container((app) => app.Image['Fn::Join'][1].splice(-1, 1, ':latest')),
  ),
  images(
    REGISTRY,
    'ECR Repository: Encryption: AES-256',
    'the default key',
    set(type.REPOSITORY, { EncryptionConfiguration: { EncryptionType: 'AES256' } }),
  ),
  images(
    REGISTRY,
    'ECR Repository: Image scanning: Enabled on push (vulnerability detection)',
    'off',
    set(type.REPOSITORY, { ImageScanningConfiguration: { ScanOnPush: false } }),
  ),
  images(
    REGISTRY,
    'Lifecycle Policy: Keep last 10 tagged images',
    '11 images',
    lifecycle('"countNumber":10', '"countNumber":11'),
  ),
  images(
    REGISTRY,
    'Lifecycle Policy: Delete untagged images after 7 days',
    '14 days',
    lifecycle('"countNumber":7', '"countNumber":14'),
  ),
  images(
    REGISTRY,
    'Repository Policy: ECS task execution role can pull images',
    'no repository policy',
    set(type.REPOSITORY, { RepositoryPolicyText: { Statement: [] } }),
  ),
  production(
    REGISTRY,
    'Repository Policy: ECS task execution role can pull images',
    'no permission',
    statements((all) => all.shift(), STARTER),
  ),
];
