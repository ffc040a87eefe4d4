import { computedOnce, RawTemplate, TemplateResource } from '../template';
import { alternatives, intrinsicOf, items, Located, property, texts, UNKNOWN } from '../values';

/** A statement of a policy document. */
export class Statement {
  constructor(private readonly located: Located, private readonly template: RawTemplate) {}

  /** The path in the properties of the resource. */
  public get path(): string {
    return this.located.path;
  }

  /** Whether the statement can have an effect. An effect that is known only at deployment can be both. */
  public has(effect: 'Allow' | 'Deny'): boolean {
    return this.items('Effect').flatMap(({ value }) => texts(value, this.template))
      .some((text) => text.toLowerCase() === effect.toLowerCase() || text.includes(UNKNOWN));
  }

  /** An element of the statement, or undefined if it has none in any branch. */
  public element(name: string): Located | undefined {
    const found = property(this.located, name);
    return found && alternatives(found).some(({ value }) => value !== undefined) ? found : undefined;
  }

  /** The items of an element. */
  public items(name: string): Located[] {
    const found = property(this.located, name);
    return found ? items(found, this.template) : [];
  }

  /** The texts of the items of an element, with their paths. */
  public texts(name: string): Array<{ path: string; text: string }> {
    return this.items(name).flatMap(({ path, value }) => texts(value, this.template).map((text) => ({ path, text })));
  }
}

/** A policy document of a resource. */
export interface PolicyDocument {
  readonly path: string;
  readonly statements: Statement[];
}

/** The names of the lists of statements. A template of SAM has `CustomStatements`. */
const STATEMENT_LISTS = ['statement', 'customstatements'];

/**
 * Returns the policy documents anywhere in the properties of a resource: objects, texts with JSON, and both branches
 * of `Fn::If`. Every type is searched, because new types with policies appear every month.
 */
export const policyDocuments = computedOnce((resource: TemplateResource): PolicyDocument[] =>
  search({ path: '', value: resource.properties }, resource.template));

function search(located: Located, template: RawTemplate): PolicyDocument[] {
  return alternatives(located).flatMap(({ path, value }) => {
    const isText = TEXT_FUNCTIONS.includes(intrinsicOf(value)?.[0] ?? '');
    if (typeof value !== 'object' || value === null || isText) return parsed({ path, value }, template);
    const nested = (key: string) => `${path}${path === '' ? '' : '.'}${key}`;
    const inside = Object.entries(value).flatMap(([key, each]) => search({ path: nested(key), value: each }, template));
    const lists = Object.keys(value).filter((key) => STATEMENT_LISTS.includes(key.toLowerCase()));
    const own = lists.map((key) => ({
      path,
      statements: items({ path: nested(key), value: (value as Record<string, unknown>)[key] }, template)
        .filter((item) => property(item, 'Effect') !== undefined)
        .map((item) => new Statement(item, template)),
    }));
    return [...own.filter(({ statements }) => statements.length > 0), ...inside];
  });
}

/** The functions whose value can be a text with JSON. */
const TEXT_FUNCTIONS = ['Fn::Join', 'Fn::Sub', 'Fn::Select', 'Fn::FindInMap', 'Fn::Base64', 'Ref'];

/** Reads a text with a policy in JSON, as `stack.toJsonString` writes it. */
function parsed({ path, value }: Located, template: RawTemplate): PolicyDocument[] {
  return texts(value, template).filter((text) => /^\s*[{[]/.test(text) && /statement/i.test(text)).flatMap((text) => {
    try {
      // A number or an object that is known only at deployment has no quotation marks.
      const quoted = text.replace(new RegExp(`([:[,]\\s*)${UNKNOWN}(?=\\s*[,}\\]])`, 'g'), `$1"${UNKNOWN}"`);
      return search({ path, value: JSON.parse(quoted) }, template);
    } catch {
      return [];
    }
  });
}

/** Whether a text matches a pattern with the wildcards of IAM. */
export function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`, 'is').test(text);
}
