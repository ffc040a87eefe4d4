import { Template } from 'aws-cdk-lib/assertions';
import { findingsAreTold } from './account';
import { container, executionRole, madeBy, Program, PROGRAMS, Service, SERVICES, task } from './parts';
import {
  attribute,
  expectSame,
  propertiesOf,
  ref,
  rotatingKeys,
  text,
  whoMay,
} from '../../../support/template/reading';
import { REPOSITORY } from '../../../support/template/types';

const PULLING = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
/** Actions that change an image or its access. */
const CHANGING = [
  'ecr:PutImage',
  'ecr:InitiateLayerUpload',
  'ecr:BatchDeleteImage',
  'ecr:PutImageTagMutability',
  'ecr:SetRepositoryPolicy',
];

const repositoryId = (whole: Template, name: Service) => madeBy(whole, REPOSITORY, `Images${name}Repository`);
const repository = (whole: Template, name: Service) => propertiesOf(whole, REPOSITORY, repositoryId(whole, name));

/** The repository of the image of each program. The API and the migrations share an image. */
const source = (name: Program): Service => name === 'Migrations' ? 'Api' : name;

/** One repository for each service, with a generated name, and no other. */
export function oneForEach(whole: Template) {
  expectSame(Object.keys(whole.findResources(REPOSITORY)), SERVICES.map((name) => repositoryId(whole, name)));
  for (const name of SERVICES) expect(repository(whole, name)).not.toHaveProperty('RepositoryName');
}

/** The image of the repository of the service, in the registry of this account, with the version in stacks.ts. */
export function tasksNameAVersion(whole: Template) {
  oneForEach(whole);
  for (const name of PROGRAMS) {
    const parts: unknown[] = container(whole, name).Image['Fn::Join'][1];
    expect(parts.slice(-3)).toEqual(['/', ref(repositoryId(whole, source(name))), ':1.0.0']);
    expect(text(container(whole, name).Image)).toContain('.dkr.ecr.');
    expect(task(whole, name).ContainerDefinitions).toHaveLength(1);
  }
}

/** A pushed version is immutable. */
export function tagsStay(whole: Template) {
  for (const name of SERVICES) {
    const { ImageTagMutability, ImageTagMutabilityExclusionFilters } = repository(whole, name);
    expect({ ImageTagMutability, ImageTagMutabilityExclusionFilters }).toEqual({
      ImageTagMutability: 'IMMUTABLE',
      ImageTagMutabilityExclusionFilters: undefined,
    });
  }
  tasksNameAVersion(whole);
}

/** The execution roles log in, and each pulls from one repository. */
export function startersLogInAndPull(whole: Template) {
  for (const action of PULLING) {
    expectSame(
      whoMay(whole, action),
      PROGRAMS.map((name) => ({
        role: executionRole(whole, name),
        resource: attribute(repositoryId(whole, source(name)), 'Arn'),
      })),
    );
  }
  // The login to the registry supports no resource.
  expectSame(
    whoMay(whole, 'ecr:GetAuthorizationToken'),
    PROGRAMS.map((name) => ({ role: executionRole(whole, name), resource: '*' })),
  );
}

/** No role of these stacks may change an image, and no repository policy allows another principal. */
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

/** ECR and Inspector keep findings, and findings of high severity notify the topic. */
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
