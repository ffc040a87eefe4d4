import { exemptsKnownCallersOnly, namesWebIdentities, restrictsCallers } from './conditions';
import { matches, PolicyDocument, Statement } from './statements';
import { RawTemplate } from '../template';
import { items, property, texts } from '../values';

/** Returns the paths of the statements of a resource policy that allow any principal. */
export function openStatements({ statements }: PolicyDocument, template: RawTemplate): string[] {
  return statements.filter((statement) => statement.has('Allow')).flatMap((statement) => {
    const open = anyPrincipal(statement, template);
    if (open.length > 0 && !restrictsCallers(statement, template)) {
      return statements.some((other) => closes(other, statement, template)) ? [] : open;
    }
    return anyWebIdentity(statement, template);
  });
}

/** Returns the paths of the principals that mean any principal. `NotPrincipal` allows any principal except a few. */
function anyPrincipal(statement: Statement, template: RawTemplate): string[] {
  const excluded = statement.element('NotPrincipal');
  if (excluded) return [excluded.path];
  return statement.items('Principal').flatMap((principal) => {
    const kinds = isRecord(principal.value) ? Object.keys(principal.value) : [];
    const named = kinds.filter((kind) => kind !== 'Ref' && !kind.startsWith('Fn::'));
    const values = named.length === 0 ? [principal] : named.flatMap((kind) => {
      const found = property(principal, kind);
      return found ? items(found, template) : [];
    });
    return values.filter(({ value }) => texts(value, template).some((text) => /[*?]/.test(text)))
      .map(({ path }) => path);
  });
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;

function anyWebIdentity(statement: Statement, template: RawTemplate): string[] {
  const assumes = statement.element('NotAction') !== undefined
    || statement.texts('Action').some(({ text }) => matches(text, 'sts:AssumeRoleWithWebIdentity'));
  const federated = statement.items('Principal').map((principal) => property(principal, 'Federated'))
    .find((found) => found !== undefined);
  return assumes && federated && !namesWebIdentities(statement, template) ? [federated.path] : [];
}

/** Whether a Deny statement denies what an Allow statement allows, except to known callers. */
function closes(deny: Statement, allow: Statement, template: RawTemplate): boolean {
  // A Deny statement in a branch of Fn::If may not exist.
  return deny.has('Deny') && !deny.has('Allow') && !deny.path.includes('Fn::If')
    && anyPrincipal(deny, template).length > 0 && deny.element('NotPrincipal') === undefined
    && covers(deny, allow, 'Action') && covers(deny, allow, 'Resource')
    && exemptsKnownCallersOnly(deny, template);
}

function covers(deny: Statement, allow: Statement, element: 'Action' | 'Resource'): boolean {
  if (deny.element(`Not${element}`) || allow.element(`Not${element}`)) return false;
  const patterns = deny.texts(element).filter(({ path }) => !path.includes('Fn::If')).map(({ text }) => text);
  return allow.texts(element).every(({ text }) => patterns.some((pattern) => matches(pattern, text)));
}
