import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, requireText } from '../core/refusal';

/**
 * Digests and tags.
 * Sources: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html, and the OCI
 * specification for tags.
 */
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^\w[\w.-]{0,127}$/;
/** Tags that each build usually moves. A branch name with a suffix, such as `main-4f2c1d0`, identifies one build. */
const MOVING_TAG = /^(latest(-.*)?|stable|edge|nightly|main|master|develop)$/;

/**
 * Refuses a value that is neither a tag nor a digest, and a moving tag unless tags are mutable. Tokens are accepted.
 */
export function requireImageReference(scope: IConstruct, version: string, mutableTags: boolean): void {
  if (Token.isUnresolved(version)) return;
  requireText(scope, 'version', version, 'pass the tag or the digest of an image');
  if (!DIGEST.test(version) && !TAG.test(version)) {
    refuse(scope, {
      prop: 'version',
      given: version,
      allowed: 'a tag (at most 128 letters, digits and . _ -, not starting with . or -) '
        + 'or a digest (sha256: and 64 hexadecimal digits)',
      change: 'pass only the tag or the digest, without the name of the repository',
    });
  }
  if (mutableTags || !MOVING_TAG.test(version)) return;
  refuse(scope, {
    prop: 'version',
    given: version,
    allowed: 'a tag that identifies one version, because the tags of this repository are immutable',
    change: 'tag each build with its version or commit, or pass mutableTags with a reason',
  });
}
