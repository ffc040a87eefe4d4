import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, requireText } from '../core/refusal';

/** What an image may be called by: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html, and the specification of OCI for tags. */
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^\w[\w.-]{0,127}$/;
/** Tags that by custom are moved with each build. A branch with something behind it, as `main-4f2c1d0`, names one build. */
const MOVING_TAG = /^(latest(-.*)?|stable|edge|nightly|main|master|develop)$/;

/** Refuses what is neither a tag nor a digest, and a tag that by custom is moved, unless tags are mutable. Tokens pass. */
export function requireImageReference(scope: IConstruct, version: string, mutableTags: boolean): void {
  if (Token.isUnresolved(version)) return;
  requireText(scope, 'version', version, 'pass the tag or the digest of an image');
  if (!DIGEST.test(version) && !TAG.test(version)) {
    refuse(scope, {
      prop: 'version',
      given: version,
      allowed: 'a tag of at most 128 letters, digits and . _ - that starts with none of . -, or sha256: and 64 hexadecimal digits',
      change: 'pass the tag or the digest alone, without the name of the repository',
    });
  }
  if (mutableTags || !MOVING_TAG.test(version)) return;
  refuse(scope, {
    prop: 'version',
    given: version,
    allowed: 'a tag that names one version, since tags of this repository cannot be moved',
    change: 'tag each build with its version or commit, or pass mutableTags with a reason',
  });
}
