import { IConstruct } from 'constructs';
import { AlarmDefinition } from './alarm-definition';

type AddAlarms = (alarms: AlarmDefinition[]) => void;

const WATCHERS: unique symbol = Symbol.for('cdk-hipaa.monitoring.watchers') as never;

/** Calls `add` with the alarms that a watched construct defines after it was watched. */
export function onLaterAlarms(scope: IConstruct, add: AddAlarms): void {
  watchersOf(scope).push(add);
}

/** Creates further alarms of a construct, if it is watched already. Otherwise, its plan contains them. */
export function addLaterAlarms(scope: IConstruct, alarms: AlarmDefinition[]): void {
  for (const add of watchersOf(scope)) add(alarms);
}

function watchersOf(scope: IConstruct & { [WATCHERS]?: AddAlarms[] }): AddAlarms[] {
  return scope[WATCHERS] ??= [];
}
