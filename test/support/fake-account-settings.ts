import dns from 'dns';
import { Arrived, Reply } from './fake-http';
import { FakeService } from './fake-service';

/** The password policy of an account, as in IAM. */
export interface FakePasswordPolicy {
  MinimumPasswordLength: number;
  MaxPasswordAge?: number;
  PasswordReusePrevention?: number;
  RequireLowercaseCharacters: boolean;
  RequireUppercaseCharacters: boolean;
  RequireNumbers: boolean;
  RequireSymbols: boolean;
  AllowUsersToChangePassword: boolean;
  HardExpiry?: boolean;
}

/**
 * The defaults of IAM for omitted parameters.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
 */
const UNNAMED: FakePasswordPolicy = {
  MinimumPasswordLength: 6,
  RequireLowercaseCharacters: false,
  RequireUppercaseCharacters: false,
  RequireNumbers: false,
  RequireSymbols: false,
  AllowUsersToChangePassword: false,
};

const NAMESPACES = {
  ec2: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
};

/** The account settings of EC2, IAM and S3 Control in one account. */
export class FakeAccountSettings extends FakeService {
  public publicAccess?: Record<string, boolean>;
  public ebs = { encrypted: false, key: 'alias/aws/ebs' };
  public passwords?: FakePasswordPolicy;
  /** The key in the responses of EC2, if it differs from the key in the request. */
  public keyAsTold?: string;

  protected readonly changing = /^(Put|Enable|Modify|Update)/;

  protected callOf({ method, url, body }: Arrived): string {
    if (url.pathname.endsWith('/publicAccessBlock')) {
      return method === 'GET' ? 'GetPublicAccessBlock' : 'PutPublicAccessBlock';
    }
    return new URLSearchParams(body.toString()).get('Action')!;
  }

  protected serve(call: string, { body, headers }: Arrived): Reply {
    const text = body.toString();
    const input = new URLSearchParams(text);
    switch (call) {
      case 'GetPublicAccessBlock':
        expect(headers['x-amz-account-id']).toBe('111122223333');
        return this.publicAccess
          ? xml('PublicAccessBlockConfiguration', fields(this.publicAccess))
          : this.missing('NoSuchPublicAccessBlockConfiguration');
      case 'PutPublicAccessBlock':
        this.publicAccess = Object.fromEntries(
          [...text.matchAll(/<(\w+)>(true|false)<\/\1>/g)].map(([, name, on]) => [name, on === 'true']),
        );
        return {};
      case 'GetEbsEncryptionByDefault':
        return ofEc2(call, { ebsEncryptionByDefault: this.ebs.encrypted });
      case 'GetEbsDefaultKmsKeyId':
        return ofEc2(call, { kmsKeyId: this.ebs.key });
      case 'EnableEbsEncryptionByDefault':
        this.ebs.encrypted = true;
        return ofEc2(call, { ebsEncryptionByDefault: true });
      case 'ModifyEbsDefaultKmsKeyId':
        this.ebs.key = this.keyAsTold ?? input.get('KmsKeyId')!;
        return ofEc2(call, { kmsKeyId: this.ebs.key });
      case 'GetAccountPasswordPolicy':
        return this.passwords
          ? ofIam(call, `<PasswordPolicy>${fields({ ...this.passwords })}</PasswordPolicy>`)
          : this.missing('NoSuchEntity');
      default:
        this.passwords = {
          ...UNNAMED,
          ...Object.fromEntries(
            [...input]
              .filter(([name]) => !['Action', 'Version'].includes(name))
              .map(([name, value]) => [name, JSON.parse(value)]),
          ),
        };
        return ofIam(call, '');
    }
  }

  protected errorBody(code: string): string {
    const [type, message] = code.split(': ');
    const error = `<Code>${type}</Code><Message>${message ?? 'as the service says it'}</Message>`;
    // EC2 has two elements around its error, IAM and S3 have one. Each client reads its own elements.
    const errors = `<Errors><Error>${error}</Error></Errors><Error><Type>Sender</Type>${error}</Error>`;
    return `<ErrorResponse>${errors}<RequestId>1</RequestId></ErrorResponse>`;
  }

  private missing(code: string): Reply {
    return { status: 404, headers: { 'content-type': 'text/xml' }, body: this.errorBody(code) };
  }
}

/** Resolves all subdomains of localhost to this machine: the client of S3 Control adds the account as a subdomain. */
export function findAccountsAtHome(): jest.SpyInstance {
  const lookup = dns.lookup as (...given: unknown[]) => void;
  return jest
    .spyOn(dns, 'lookup')
    .mockImplementation(((name: string, ...others: unknown[]) =>
      lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, ...others)) as never);
}

const fields = (values: Record<string, unknown>) =>
  Object.entries(values)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('');
const xml = (root: string, body: string): Reply => ({
  headers: { 'content-type': 'text/xml' },
  body: `<${root}>${body}</${root}>`,
});
const ofEc2 = (call: string, values: Record<string, unknown>): Reply => ({
  headers: { 'content-type': 'text/xml' },
  body: `<${call}Response xmlns="${NAMESPACES.ec2}">${fields(values)}</${call}Response>`,
});
const ofIam = (call: string, body: string): Reply => ({
  headers: { 'content-type': 'text/xml' },
  body: `<${call}Response xmlns="${NAMESPACES.iam}"><${call}Result>${body}</${call}Result></${call}Response>`,
});
