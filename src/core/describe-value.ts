import { Duration, Size, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { show } from './refusal';

/** The name under which jsii marks each compiled class. All copies of a package share it. */
const JSII_RTTI = Symbol.for('jsii.rtti');
const LONGEST_TEXT = 60;

/** Describes a value of a wrong type for a message: `a DatabaseInstance at Stack/Database`. */
export function describe(value: unknown): string {
  if (Construct.isConstruct(value)) return `${a(className(value))} at ${value.node.path || 'the root'}`;
  if (typeof value === 'string') {
    return show(value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value);
  }
  if (typeof value === 'function') return /^class\b/.test(String(value)) ? `the class ${value.name}` : 'a function';
  if (Array.isArray(value)) return `an array of ${value.length} ${value.length === 1 ? 'element' : 'elements'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (isToken(value)) return 'a token';
  if (value instanceof Duration || value instanceof Size) return `a ${className(value)} of ${show(value)}`;
  if (!isPlainObject(value)) return a(className(value));
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.join(', ')}`;
}

/** Whether a value is known only at deployment. */
export function isToken(value: unknown): boolean {
  // A stack has a method `resolve`, by which aws-cdk-lib recognizes a token.
  return !Construct.isConstruct(value) && !Array.isArray(value) && Token.isUnresolved(value);
}

/** Whether a value is an object literal, or what jsii passes for one. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isToken(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether a value can be a struct: an object literal, or an instance of a user's class that implements the struct. */
export function isStructLike(value: unknown): value is object {
  if (isPlainObject(value)) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Construct.isConstruct(value)) return false;
  const isBuiltIn = ['Date', 'Map', 'Promise', 'RegExp', 'Set'].includes(className(value));
  return !isBuiltIn && !isToken(value) && !('_choiceClass' in value) && jsiiNames(value).length === 0;
}

/** The class of a value. */
export function className(value: object): string {
  const { _choiceClass } = value as { _choiceClass?: string };
  const name = _choiceClass ?? (classesOf(value)[0]?.name || 'Object');
  // Classes of aws-cdk-lib can have a digit at the end of their names, which is not in the jsii name.
  const jsii = jsiiNames(value)[0]?.split('.').pop();
  return name.replace(/\d+$/, '') === jsii ? jsii : name;
}

/** The classes of a value, from the most specific one up. */
export function classesOf(value: object): Function[] {
  const classes: Function[] = [];
  for (let prototype = Object.getPrototypeOf(value); prototype; prototype = Object.getPrototypeOf(prototype)) {
    if (typeof prototype.constructor === 'function') classes.push(prototype.constructor);
  }
  return classes;
}

/** The jsii names of the classes of a value: `aws-cdk-lib.aws_ec2.Vpc`. */
export function jsiiNames(value: object): string[] {
  return classesOf(value).flatMap((type) => (type as Marked)[JSII_RTTI]?.fqn ?? []);
}

/** A name with its article. Abbreviations are read letter by letter: an `sns.ITopic`. */
export function a(name: string): string {
  return /^(?:[aeio]|un|(?:rds|s3|sns|sqs|ssm)\.)/i.test(name) ? `an ${name}` : `a ${name}`;
}

type Marked = Function & { [JSII_RTTI]?: { fqn: string } };
