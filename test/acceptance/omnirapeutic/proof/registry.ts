import { Template } from 'aws-cdk-lib/assertions';
import { findingsAreTold } from './account';
import { container, executionRole, madeBy, Service, SERVICES, task } from './parts';
import { attribute, expectSame, propertiesOf, ref, rotatingKeys, text, whoMay } from '../../../support/template/reading';
import { REPOSITORY } from '../../../support/template/types';

const PULLING = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
/** What changes an image, or who may. */
const CHANGING = ['ecr:PutImage', 'ecr:InitiateLayerUpload', 'ecr:BatchDeleteImage', 'ecr:PutImageTagMutability', 'ecr:SetRepositoryPolicy'];

const repositoryId = (whole: Template, name: Service) => madeBy(whole, REPOSITORY, `Images${name}Repository`);
const repository = (whole: Template, name: Service) => propertiesOf(whole, REPOSITORY, repositoryId(whole, name));

/** One repository for each service, and no other; CloudFormation names them. */
export function oneForEach(whole: Template) {
  expectSame(Object.keys(whole.findResources(REPOSITORY)), SERVICES.map((name) => repositoryId(whole, name)));
  for (const name of SERVICES) expect(repository(whole, name)).not.toHaveProperty('RepositoryName');
}

/** The image of the service's own repository, at the registry of this account, by the version that stacks.ts names. */
export function tasksNameAVersion(whole: Template) {
  oneForEach(whole);
  for (const name of SERVICES) {
    const parts: unknown[] = container(whole, name).Image['Fn::Join'][1];
    expect(parts.slice(-3)).toEqual(['/', ref(repositoryId(whole, name)), ':1.0.0']);
    expect(text(container(whole, name).Image)).toContain('.dkr.ecr.');
    expect(task(whole, name).ContainerDefinitions).toHaveLength(1);
  }
}

/** What a version was when it was pushed, it stays. */
export function tagsStay(whole: Template) {
  for (const name of SERVICES) {
    const { ImageTagMutability, ImageTagMutabilityExclusionFilters } = repository(whole, name);
    expect({ ImageTagMutability, ImageTagMutabilityExclusionFilters }).toEqual({ ImageTagMutability: 'IMMUTABLE', ImageTagMutabilityExclusionFilters: undefined });
  }
  tasksNameAVersion(whole);
}

/** The roles that start tasks log in by themselves, and pull each from one repository. */
export function startersLogInAndPull(whole: Template) {
  for (const action of PULLING) {
    expectSame(whoMay(whole, action), SERVICES.map((name) => ({ role: executionRole(whole, name), resource: attribute(repositoryId(whole, name), 'Arn') })));
  }
  // Logging in to the registry of the account takes no resource.
  expectSame(whoMay(whole, 'ecr:GetAuthorizationToken'), SERVICES.map((name) => ({ role: executionRole(whole, name), resource: '*' })));
}

/** Nothing that these stacks deploy may change an image, and no repository lets in anybody from outside. */
export function nobodyHereMayPush(whole: Template) {
  for (const action of CHANGING) expect(whoMay(whole, action)).toEqual([]);
  oneForEach(whole);
  for (const name of SERVICES) expect(repository(whole, name)).not.toHaveProperty('RepositoryPolicyText');
}

export function scanned(whole: Template) {
  oneForEach(whole);
  for (const name of SERVICES) expect(repository(whole, name).ImageScanningConfiguration).toEqual({ ScanOnPush: true });
  whole.hasResourceProperties('Custom::InspectorScan', { ScanType: 'ECR', Mode: 'create' });
}

/** ECR and Inspector keep what they find; what is severe is told at once. */
export function scansAreKept(whole: Template) {
  scanned(whole);
  findingsAreTold('aws.inspector2', ['CRITICAL', 'HIGH'])(whole);
}

export function encrypted(whole: Template) {
  oneForEach(whole);
  for (const name of SERVICES) {
    const { EncryptionType, KmsKey } = repository(whole, name).EncryptionConfiguration;
    expect(EncryptionType).toBe('KMS');
    expect(rotatingKeys(whole)).toContainEqual(KmsKey);
  }
}
