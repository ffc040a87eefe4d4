import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse, requireText } from '../core/refusal';

/**
 * A user and an optional group, neither of them root by name or number. A name has at most 32 characters.
 * https://man7.org/linux/man-pages/man8/useradd.8.html
 */
const NON_ROOT = /^(?!(root|0+)(:|$))[a-z_0-9][\w.-]{0,31}(:(?!(root|0+)$)[a-z_0-9][\w.-]{0,31})?$/i;

/** Refuses a blank user, root by name or number, and a name of more than 32 characters. Tokens pass. */
export function requireUser(scope: Construct, user: string): void {
  requireText(scope, 'user', user, 'name the user that runs the program');
  if (Token.isUnresolved(user) || NON_ROOT.test(user)) return;
  refuse(scope, {
    prop: 'user',
    given: user,
    allowed: 'a user other than root, with an optional group other than root, each of at most 32 characters',
    change: 'name a user of the image, or use a number above 0',
  });
}
