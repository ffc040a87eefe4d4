import { computedOnce, RawTemplate, TemplateResource } from './template';
import { at, intrinsicOf, mapped, parameterOf, piecesOf, texts, UNKNOWN, valuesOf } from './values';

/** The most conditions of one resource whose combinations are all read. More are varied one by one. */
const MOST_CONDITIONS = 6;
/** The types whose resources belong to another resource to which they refer. */
const ATTACHED_TYPES = ['AWS::EC2::SecurityGroupEgress', 'AWS::Logs::LogGroup', 'Custom::LogRetention'];

/** The outcome of each condition, and the values of parameters and mappings with several. By the text of each. */
type Choices = Map<string, unknown>;

/**
 * Returns the forms that a resource can have at deployment.
 *
 * One form has one branch of each condition and one value of each parameter and lookup in a mapping. `Fn::Join`,
 * `Fn::Sub`, `Fn::Select` and `Fn::Split` are evaluated. References to resources remain. A part of a text that is known
 * only at deployment is `UNKNOWN`.
 */
export function variantsOf(resource: TemplateResource): TemplateResource[] {
  return choicesFor(resource).flatMap((choices) => new Evaluation(resource.template, choices).resource(resource));
}

/** All combinations of the choices in a resource and in those to which it refers. */
function choicesFor(resource: TemplateResource): Choices[] {
  const found = new Map<string, unknown[]>();
  const { siblings, logicalId } = resource;
  const attached = siblings.ofTypes(...ATTACHED_TYPES).filter((each) => namesOf(each).includes(logicalId));
  const named = namesOf(resource).flatMap((name) => siblings.get(name) ?? []);
  for (const each of [resource, ...named, ...attached]) {
    for (const [key, values] of ownChoices(each)) found.set(key, values);
  }
  const conditions = [...found].filter(([, values]) => typeof values[0] === 'boolean').map(([key]) => key);
  const outcomes = combinations(conditions);
  const further = [...found].filter(([key]) => !conditions.includes(key)).flatMap(([key, values]) =>
    values.slice(1).flatMap((value) =>
      (outcomes.length > 4 ? [outcomes[0], outcomes[outcomes.length - 1]] : outcomes)
        .map((outcome) => new Map([...outcome, [key, value]]))));
  return [...outcomes, ...further];
}

const rawOf = ({ template, logicalId }: TemplateResource) => template.Resources?.[logicalId];

function combinations(keys: string[]): Choices[] {
  if (keys.length <= MOST_CONDITIONS) {
    return Array.from({ length: 2 ** keys.length }, (_, bits) =>
      new Map(keys.map((key, index) => [key, Math.floor(bits / 2 ** index) % 2 === 0])));
  }
  return [true, false].flatMap((others) =>
    [undefined, ...keys].map((one) => new Map(keys.map((key) => [key, key === one ? !others : others]))));
}

const REFERENCES = /"Ref":"([^"]+)"|"Fn::GetAtt":\["([^"]+)"|"Fn::GetAtt":"([^".]+)|\$\{([A-Za-z0-9]+)[.}]/g;

/** The logical IDs to which a value refers. */
function namesIn(value: unknown): string[] {
  const text = JSON.stringify(value) ?? '';
  return [...new Set([...text.matchAll(REFERENCES)].map(([, ...names]) => names.find((name) => name !== undefined)!))];
}

/** The logical IDs to which a resource refers. */
const namesOf = computedOnce((resource: TemplateResource) => namesIn(rawOf(resource)));

/** The choices in a resource, without those in other resources. */
const ownChoices = computedOnce((resource: TemplateResource) => {
  const found = new Map<string, unknown[]>();
  collect(rawOf(resource), resource.template, found);
  return found;
});

/** Collects the choices in a value. */
function collect(value: unknown, template: RawTemplate, found: Map<string, unknown[]>): void {
  if (typeof value !== 'object' || value === null) return;
  const [name, argument] = intrinsicOf(value) ?? [];
  if (name === 'Fn::If' && Array.isArray(argument)) collectCondition({ Condition: argument[0] }, template, found);
  const condition = at(value, 'Condition');
  if ('Type' in value && typeof condition === 'string') collectCondition({ Condition: condition }, template, found);
  for (const each of name === 'Ref' || name === 'Fn::Sub' ? namesIn(value) : []) {
    const values = valuesOf(parameterOf(each, template));
    if (values.length > 1) found.set(each, values);
  }
  if (name === 'Fn::FindInMap') {
    const values = mapped(argument, template);
    if (values.length > 1) found.set(JSON.stringify(value), values);
  }
  for (const each of Object.values(value)) collect(each, template, found);
}

/** Collects the comparisons of a condition. */
function collectCondition(expression: unknown, template: RawTemplate, found: Map<string, unknown[]>): void {
  for (const each of comparisonsIn(expression, template)) found.set(each, [true, false]);
}

function comparisonsIn(expression: unknown, template: RawTemplate): string[] {
  const name = at(expression, 'Condition');
  if (typeof name === 'string') {
    const named = template.Conditions?.[name];
    return isComposed(named) ? comparisonsIn(named, template) : [keyOf(name, named)];
  }
  const [operator, argument] = intrinsicOf(expression) ?? [];
  if (operator === 'Fn::Equals') return [keyOf('', expression)];
  return Array.isArray(argument) ? argument.flatMap((each) => comparisonsIn(each, template)) : [];
}

const isComposed = (expression: unknown) => typeof expression === 'object' && expression !== null
  && Object.keys(expression).length === 1;
/** Two conditions with the same comparison have the same outcome. */
const keyOf = (name: string, expression: unknown) => isComposed(expression) ? JSON.stringify(expression) : name;

/** Evaluates the functions of a template with one set of choices. */
class Evaluation {
  constructor(private readonly template: RawTemplate, private readonly choices: Choices) {}

  /** The resource, or nothing if its condition does not hold. */
  public resource(resource: TemplateResource): TemplateResource[] {
    const condition = rawOf(resource)?.Condition;
    if (condition !== undefined && !this.holds({ Condition: condition })) return [];
    const { siblings } = resource;
    return [{
      ...resource,
      properties: this.value(resource.properties),
      deletionPolicy: this.value(resource.deletionPolicy),
      updateReplacePolicy: this.value(resource.updateReplacePolicy),
      siblings: {
        get: (logicalId) => [siblings.get(logicalId) ?? []].flat().flatMap((each) => this.resource(each))[0],
        ofTypes: (...types) => siblings.ofTypes(...types).flatMap((each) => this.resource(each)),
      },
    }];
  }

  private holds(expression: unknown): boolean {
    const name = at(expression, 'Condition');
    if (typeof name === 'string') {
      const named = this.template.Conditions?.[name];
      return isComposed(named) ? this.holds(named) : this.choices.get(keyOf(name, named)) !== false;
    }
    const [operator, argument] = intrinsicOf(expression) ?? [];
    const operands = Array.isArray(argument) ? argument : [];
    switch (operator) {
      case 'Fn::Not': return !this.holds(operands[0]);
      case 'Fn::And': return operands.every((each) => this.holds(each));
      case 'Fn::Or': return operands.some((each) => this.holds(each));
      default: return this.choices.get(keyOf('', expression)) !== false;
    }
  }

  private value(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => this.value(each)).filter((each) => each !== undefined);
    const [name, argument] = intrinsicOf(value) ?? [];
    if (name !== undefined) return this.functionValue(value, name, argument);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.value(each)])
      .filter(([, each]) => each !== undefined));
  }

  private functionValue(value: object, name: string, argument: unknown): unknown {
    const parts = Array.isArray(argument) ? argument : [argument];
    switch (name) {
      case 'Ref': return this.reference(value, String(argument));
      case 'Fn::If': return this.value(parts[this.holds({ Condition: parts[0] }) ? 1 : 2]);
      case 'Fn::FindInMap': {
        const [first] = mapped(argument, this.template);
        return first === undefined ? value : this.value(this.choices.get(JSON.stringify(value)) ?? first);
      }
      case 'Fn::Sub': return this.joined('', piecesOf(String(this.value(parts[0])), parts[1]));
      case 'Fn::Join': {
        const joined = this.value(parts[1]);
        return Array.isArray(joined) ? this.joined(String(parts[0]), joined) : value;
      }
      case 'Fn::Select': {
        const [index, from] = [this.value(parts[0]), this.value(parts[1])];
        return Array.isArray(from) && from[Number(index)] !== undefined ? from[Number(index)] : value;
      }
      case 'Fn::Split': {
        const text = this.value(parts[1]);
        return typeof text === 'string' ? text.split(String(parts[0])) : value;
      }
      default: return value;
    }
  }

  private reference(value: object, name: string): unknown {
    if (name === 'AWS::NoValue') return undefined;
    const parameter = parameterOf(name, this.template);
    const chosen = this.choices.get(name) ?? valuesOf(parameter)[0];
    if (chosen === undefined) return value;
    const isList = /^(CommaDelimitedList|List<)/.test(String(at(parameter, 'Type')));
    return isList ? String(chosen).split(',').map((text) => text.trim()) : chosen;
  }

  /** The text of the parts. A single part keeps its value, because it can be a reference to a resource. */
  private joined(separator: string, parts: unknown[]): unknown {
    const values = parts.map((part) => this.value(part));
    if (values.length === 1) return values[0];
    return values.map((each) => texts(each, this.template)[0] ?? UNKNOWN).join(separator);
  }
}
