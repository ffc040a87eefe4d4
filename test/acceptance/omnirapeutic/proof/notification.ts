import { Template } from 'aws-cdk-lib/assertions';
import { all, only, ref, theOne } from '../../../support/template/reading';
import { ALARM, TOPIC } from '../../../support/template/types';

const theTopic = (whole: Template) => ref(only(whole, TOPIC));

/** Each alarm notifies the one topic when it fires and when it is over, and does nothing else. */
export function everyAlarmTells(whole: Template) {
  expect(all(whole, ALARM).length).toBeGreaterThan(21);
  const notified = [theTopic(whole)];
  for (const {
    Properties: { ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions },
  } of all(whole, ALARM)) {
    expect({ ActionsEnabled, AlarmActions, OKActions, InsufficientDataActions }).toEqual({
      ActionsEnabled: true,
      AlarmActions: notified,
      OKActions: notified,
    });
  }
}

export function somebodyListens(whole: Template) {
  expect(theOne('AWS::SNS::Subscription')(whole))
    .toEqual({ TopicArn: theTopic(whole), Protocol: 'email', Endpoint: 'oncall@omnirapeutic.com' });
}
