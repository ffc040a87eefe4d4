import { Rule } from '../rule';
import { at, TemplateResource } from '../template';

/**
 * The parts of a resource that stop the notifications of alarms.
 *
 * A mute rule mutes the actions of each alarm that it names, those of this library too. The alarm that reports mute
 * rules does not count the calls of CloudFormation.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarmmuterule.html
 */
function mutes({ type, properties }: TemplateResource): string[] {
  if (type === 'AWS::CloudWatch::AlarmMuteRule') return ['MuteTargets'];
  if (String(at(properties, 'ActionsEnabled')).toLowerCase() === 'false') return ['ActionsEnabled'];
  return at(properties, 'ActionsSuppressor') === undefined ? [] : ['ActionsSuppressor'];
}

/** The rules about the notifications of alarms. */
export const alarmRules: Rule[] = [
  {
    id: 'AlarmIsMuted',
    types: ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::AlarmMuteRule', 'AWS::CloudWatch::CompositeAlarm'],
    problem: 'Alarms change their state without a notification: a mute rule, ActionsEnabled or ActionsSuppressor '
      + 'turns their actions off',
    fix: 'Remove the mute rule or the property, or acknowledge the finding with the reason and with what else '
      + 'notifies a person.',
    source: '45 CFR 164.308(a)(6)(ii), response and reporting',
    violations: mutes,
  },
];
