import { App, IPolicyValidationPlugin } from 'aws-cdk-lib';
import type * as nag from 'cdk-nag';

/** A rule pack of cdk-nag. */
export enum RulePack {
  /** The HIPAA Security pack. Always on. */
  HIPAA_SECURITY = 'HIPAA.Security',
  /** General good practice. */
  AWS_SOLUTIONS = 'AwsSolutions',
  /** NIST 800-53 revision 5. */
  NIST_800_53_R5 = 'NIST.800.53.R5',
}

/** The plugin that runs a pack. cdk-nag is loaded here, when checks are asked for, and not with the package: it takes longer than all the rest. */
export function packPlugin(pack: RulePack, app: App): IPolicyValidationPlugin {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const packs: typeof nag = require('cdk-nag');
  switch (pack) {
    case RulePack.HIPAA_SECURITY: return new packs.HIPAASecurityChecks(app);
    case RulePack.AWS_SOLUTIONS: return new packs.AwsSolutionsChecks(app);
    case RulePack.NIST_800_53_R5: return new packs.NIST80053R5Checks(app);
  }
}
