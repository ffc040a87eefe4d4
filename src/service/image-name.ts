import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/**
 * The grammar of image names: https://pkg.go.dev/github.com/distribution/reference
 *
 * Only a registry can have capital letters. The first part is a registry if it contains a dot, a colon or a capital
 * letter, or is `localhost`.
 */
const REGISTRY = String.raw`(?:(?=[^/]*[.:A-Z]|localhost[/:])[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?/)?`;
const FOLDER = String.raw`[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*`;
const TAG = String.raw`(?::\w[\w.-]{0,127})?`;
const DIGEST = String.raw`(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?`;
const IMAGE_NAME = new RegExp(`^${REGISTRY}${FOLDER}(?:/${FOLDER})*${TAG}${DIGEST}$`);
/** The maximum length of registry and repository together. Source: the same page. */
const LONGEST_REPOSITORY = 255;

/** Refuses an image name that Docker cannot parse. Names that contain a token are accepted. */
export function requireImageName(scope: IConstruct, imageName: string): void {
  if (Token.isUnresolved(imageName)) return;
  const repository = imageName.split('@')[0].replace(/:[^/]*$/, '');
  if (IMAGE_NAME.test(imageName) && repository.length <= LONGEST_REPOSITORY) return;
  refuse(scope, {
    prop: 'image',
    given: imageName,
    allowed: 'a name that Docker can parse: [registry/]repository[:tag][@digest], with a repository in small letters',
    change: "correct the name, such as 'public.ecr.aws/clinic/api:1.2.3'",
  });
}
