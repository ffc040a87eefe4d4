import { UNSCOPED_ACTIONS } from '../service-authorization';

/** The actions of one service. An item that ends in `*` stands for all actions that start with its text. */
type Actions = string[];

let services: Map<string, string> | undefined;
const read = new Map<string, Actions>();

/** The lines of the table by service. Actions are expanded when a service is first asked for. */
function linesByService(): Map<string, string> {
  services ??= new Map(UNSCOPED_ACTIONS.trim().split(/\n(?! )/).map((line) => {
    const text = line.replace(/,\n /g, ',').replace(/\n/g, '');
    const end = text.indexOf(' ');
    return [text.slice(0, end), text.slice(end + 1)];
  }));
  return services;
}

function actionsOf(service: string): Actions {
  const known = read.get(service);
  if (known) return known;
  const items = (linesByService().get(service) ?? '').split(' ').filter((item) => item !== '');
  const actions = items.flatMap((item) => {
    const [, verb, rest] = /^([^{]*)\{(.*)\}$/.exec(item) ?? [undefined, '', item];
    return rest.split(',').map((end) => `${verb}${end}`.toLowerCase());
  });
  read.set(service, actions);
  return actions;
}

/**
 * Whether a statement needs `Resource: '*'` for an action, because AWS supports no resource for it.
 *
 * The names of actions are case-insensitive. An action with wildcards needs all resources if every action that it
 * matches does.
 */
export function needsAllResources(action: string): boolean {
  const [service, name, ...more] = action.toLowerCase().split(':');
  if (name === undefined || more.length > 0 || !/^[a-z0-9-]+$/.test(service)) return false;
  const wildcard = name.search(/[*?]/);
  const actions = actionsOf(service);
  if (wildcard < 0) return actions.some((item) => item === name || startsWithGroup(name, item));
  const fixed = name.slice(0, wildcard);
  return actions.some((item) => startsWithGroup(fixed, item));
}

const startsWithGroup = (text: string, item: string) => item.endsWith('*') && text.startsWith(item.slice(0, -1));
