import { App, IPolicyValidationPlugin } from 'aws-cdk-lib';
import type * as nag from 'cdk-nag';

/** A rule pack of cdk-nag. */
export enum RulePack {
  /** The HIPAA Security pack. It always runs. */
  HIPAA_SECURITY = 'HIPAA.Security',
  /** The AWS Solutions pack: general best practices. */
  AWS_SOLUTIONS = 'AwsSolutions',
  /** The NIST 800-53 revision 5 pack. */
  NIST_800_53_R5 = 'NIST.800.53.R5',
}

/**
 * Returns the plugin that runs a pack.
 *
 * It loads cdk-nag on the first call and not with the library, because cdk-nag takes longer to load than the library.
 */
export function packPlugin(pack: RulePack, app: App): IPolicyValidationPlugin {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const packs: typeof nag = require('cdk-nag');
  switch (pack) {
    case RulePack.HIPAA_SECURITY: return new packs.HIPAASecurityChecks(app);
    case RulePack.AWS_SOLUTIONS: return new packs.AwsSolutionsChecks(app);
    case RulePack.NIST_800_53_R5: return new packs.NIST80053R5Checks(app);
  }
}
