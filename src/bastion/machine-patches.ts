import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

/** The document of AWS that installs what the patch baseline of the account approves, and reports what is missing. */
export const PATCH_DOCUMENT = 'AWS-RunPatchBaseline';
/** When patches are installed: on Sunday at 4:00 UTC, an hour at which few sessions would be cut. */
export const PATCH_SCHEDULE = 'cron(0 4 ? * SUN *)';

/** Has a machine install its patches every week, and start anew where a patch asks for it. */
export function patchEveryWeek(scope: Construct, id: string, instance: ec2.Instance): ssm.CfnAssociation {
  return new ssm.CfnAssociation(scope, id, {
    name: PATCH_DOCUMENT,
    targets: [{ key: 'InstanceIds', values: [instance.instanceId] }],
    parameters: { Operation: ['Install'], RebootOption: ['RebootIfNeeded'] },
    scheduleExpression: PATCH_SCHEDULE,
    // A new machine patches itself when it first starts; an association that ran at once would start it anew in the middle of that.
    applyOnlyAtCronInterval: true,
    complianceSeverity: 'HIGH',
  });
}
