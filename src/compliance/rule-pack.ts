import { App, IPolicyValidationPlugin } from 'aws-cdk-lib';
import type * as nag from 'cdk-nag';
import { IConstruct } from 'constructs';

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
    case RulePack.HIPAA_SECURITY: return keepDropped(new packs.HIPAASecurityChecks(app));
    case RulePack.AWS_SOLUTIONS: return keepDropped(new packs.AwsSolutionsChecks(app));
    case RulePack.NIST_800_53_R5: return keepDropped(new packs.NIST80053R5Checks(app));
  }
}

/** A finding that a pack leaves out, because an acknowledgement names its rule without the pack. */
export interface DroppedFinding {
  readonly rule: string;
  readonly path: string;
}

const DROPPED = Symbol('dropped findings');
type Keeping = IPolicyValidationPlugin & { [DROPPED]?: DroppedFinding[] };
type Acknowledging = { isAcknowledged(resource: IConstruct, ruleId: string): boolean };

/** Returns the findings that the last run of a pack left out. */
export const droppedBy = (plugin: IPolicyValidationPlugin): DroppedFinding[] => (plugin as Keeping)[DROPPED] ?? [];

/** Records which findings a pack leaves out, so that the report has them. */
function keepDropped(pack: nag.NagPack): IPolicyValidationPlugin {
  const { isAcknowledged } = pack as unknown as Acknowledging;
  const { validate } = pack;
  const dropped: DroppedFinding[] = [];
  return Object.assign(pack, {
    [DROPPED]: dropped,
    isAcknowledged(resource: IConstruct, rule: string): boolean {
      const isDropped = isAcknowledged.call(pack, resource, rule);
      if (isDropped) dropped.push({ rule, path: resource.node.path });
      return isDropped;
    },
    validate(context: Parameters<typeof validate>[0]) {
      dropped.length = 0;
      return validate.call(pack, context);
    },
  });
}
