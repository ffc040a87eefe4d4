import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';
import { HOUR, UtcWindow } from '../core/utc-window';

/** Refuses a text that is not a daily or weekly window of at least an hour. Tokens and `undefined` pass. */
export function requireMaintenanceWindow(scope: IConstruct, given: string | undefined): void {
  if (given === undefined || Token.isUnresolved(given)) return;
  const window = UtcWindow.parse(given);
  if (window && window.length >= HOUR) return;
  refuse(scope, {
    prop: 'maintenanceWindow',
    given,
    allowed: 'a UTC window ddd:hh:mm-ddd:hh:mm or hh:mm-hh:mm of at least 1 hour',
    change: "use one of these formats, such as 'sun:05:00-sun:06:00'",
  });
}
