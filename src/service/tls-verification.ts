import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/**
 * The values with which a variable turns off TLS or the verification of certificates. Git reads only whether its
 * variable is set. With the modes of libpq, a client accepts a connection without TLS.
 *
 * Sources: https://nodejs.org/api/cli.html, https://peps.python.org/pep-0493/, https://git-scm.com/docs/git-config,
 * https://www.postgresql.org/docs/current/libpq-ssl.html
 */
const UNSAFE: Record<string, { readonly value: RegExp; readonly change: string }> = {
  NODE_TLS_REJECT_UNAUTHORIZED: {
    value: /^0$/, change: 'remove the variable; for a private certificate authority, set NODE_EXTRA_CA_CERTS',
  },
  PYTHONHTTPSVERIFY: {
    value: /^0$/, change: 'remove the variable; for a private certificate authority, set SSL_CERT_FILE',
  },
  GIT_SSL_NO_VERIFY: {
    value: /^/, change: 'remove the variable; for a private certificate authority, set GIT_SSL_CAINFO',
  },
  PGSSLMODE: { value: /^(disable|allow|prefer)$/i, change: 'use verify-full with PGSSLROOTCERT' },
};

/** Refuses a variable that turns off TLS or the verification of certificates. Tokens pass. */
export function requireTlsVerification(scope: IConstruct, name: string, value: string, origin: string): void {
  const unsafe = Object.hasOwn(UNSAFE, name) ? UNSAFE[name] : undefined;
  if (!unsafe || Token.isUnresolved(value) || !unsafe.value.test(value)) return;
  refuse(scope, {
    prop: `${name} in ${origin}`,
    given: value,
    allowed: 'a value with which clients require TLS and verify certificates (45 CFR 164.312(e)(1))',
    change: unsafe.change,
  });
}
