import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

/** The AWS document that installs the patches of the account's patch baseline and reports missing ones. */
export const PATCH_DOCUMENT = 'AWS-RunPatchBaseline';
/** Sunday at 4:00 UTC, when few sessions are open. */
export const PATCH_SCHEDULE = 'cron(0 4 ? * SUN *)';

/** Installs patches on an instance every week, and reboots it if a patch requires a reboot. */
export function patchEveryWeek(scope: Construct, id: string, instance: ec2.Instance): ssm.CfnAssociation {
  return new ssm.CfnAssociation(scope, id, {
    name: PATCH_DOCUMENT,
    targets: [{ key: 'InstanceIds', values: [instance.instanceId] }],
    parameters: { Operation: ['Install'], RebootOption: ['RebootIfNeeded'] },
    scheduleExpression: PATCH_SCHEDULE,
    // A new instance installs patches at its first start. An association that runs at once would interrupt that.
    applyOnlyAtCronInterval: true,
    complianceSeverity: 'HIGH',
  });
}
