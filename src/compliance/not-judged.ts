import { CfnElement, IPolicyValidationContext } from 'aws-cdk-lib';
import { decidingParameters } from './deciding-parameters';
import { acceptedStatements } from './policies/cdk-statements';
import { EGRESS_TYPES, hasUnknownEgress } from './rules/access';
import { hasUnknownIngress, INGRESS_TYPES } from './rules/public-ingress';
import { hasUnknownTaskAddress, TASK_TYPES } from './rules/public-tasks';
import { unknownOf } from './rules/stores';
import { tlsOf } from './rules/transport';
import { at, list, RawTemplate, StackTemplate, stackTemplates, TemplateResource } from './template';
import { intrinsicOf, possibleTexts } from './values';
import { variantsOf } from './variants';

/** A part of the app that no check reads. */
export interface NotJudged {
  /** The path of the construct, or of the stack. */
  readonly path: string;
  /** The part, and why no check reads it. */
  readonly what: string;
}

/** The types that bring resources which are not in the template. */
const OTHER_TEMPLATES: Record<string, string> = {
  'AWS::CloudFormation::Stack': 'the template of a nested stack at a URL',
  'AWS::CloudFormation::StackSet': 'the template of a stack set',
  'AWS::ServiceCatalog::CloudFormationProvisionedProduct': 'the template of a product',
};

/** The custom resources of aws-cdk-lib that change a Kubernetes cluster, in both modules of EKS. */
const KUBERNETES: Record<string, string> = {
  'Custom::AWSCDK-EKS-KubernetesResource': 'a Kubernetes manifest',
  'Custom::AWSCDK-EKS-KubernetesPatch': 'a patch of Kubernetes objects',
  'Custom::AWSCDK-EKS-HelmChart': 'a Helm chart',
};

/** The calls of an AWS SDK that only read. */
const READING = /^([Gg]et|[Dd]escribe|[Ll]ist|[Hh]ead|[Ll]ookup|[Bb]atchGet)([A-Z]|$)/;

/** Returns the parts of all stacks that CloudFormation creates and no check reads. */
export function notJudged(context: IPolicyValidationContext): NotJudged[] {
  const templates = stackTemplates(context);
  // The templates of these nested stacks are in the cloud assembly and are checked.
  const checked = new Set(templates.map(({ stack }) => stack.nestedStackResource));
  return templates.flatMap((template) => [...transformsOf(template), ...resourcesOf(template, checked)]);
}

/** The macros of a template, such as SAM. CloudFormation applies them to the template at deployment. */
function transformsOf({ stack, template }: StackTemplate): NotJudged[] {
  const names = [...list(template.Transform), ...includedIn(template)].map(macroName);
  return [...new Set(names)].map((name) => ({
    path: stack.node.path,
    what: `the macro ${name}: CloudFormation runs it at deployment, and it can add and change any resource`,
  }));
}

const macroName = (transform: unknown) =>
  String(typeof transform === 'object' ? at(transform, 'Name') ?? 'without a name' : transform);

/** The arguments of every `Fn::Transform` below a value. */
function includedIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const [name, argument] = intrinsicOf(value) ?? [];
  if (name === 'Fn::Transform') return [argument];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Fn::Transform' ? list(inner) : includedIn(inner));
}

function resourcesOf({ stack, resources, template }: StackTemplate, checked: Set<CfnElement | undefined>): NotJudged[] {
  return resources.flatMap((resource) => {
    const { type, construct, logicalId, properties } = resource;
    const what = construct !== undefined && checked.has(construct) ? undefined : reasonFor(type);
    const place = construct?.node.path ?? `${stack.node.path}/${logicalId}`;
    const forms = variantsOf(resource);
    const parts = [
      ...callsOf(type, properties, template), ...groupOf(forms), ...unknownIn(type, forms),
      ...decidingParameters(resource),
      ...new Set(forms.flatMap(unknownOf)),
      ...acceptedStatements(resource).map((why) => `a statement of aws-cdk-lib on all resources: ${why}`),
    ];
    return [...what === undefined ? [] : [what], ...parts].map((each) => ({ path: place, what: each }));
  });
}

/** The parameter group of another template, on which depends whether a database requires TLS. */
const groupOf = (forms: TemplateResource[]): string[] =>
  forms.some((form) => tlsOf(form) === 'unknown')
    ? ['the parameter group of a database, which is in another template: it can allow connections without TLS']
    : [];

/** The properties whose values are known only at deployment. */
function unknownIn(type: string, forms: TemplateResource[]): string[] {
  if (![...INGRESS_TYPES, ...EGRESS_TYPES, ...TASK_TYPES].includes(type)) return [];
  return [
    ...forms.some(hasUnknownIngress) ? ['an inbound rule: its addresses or ports are known only at deployment'] : [],
    ...forms.some(hasUnknownEgress)
      ? ['an outbound rule for most ports: its addresses are known only at deployment']
      : [],
    ...forms.some(hasUnknownTaskAddress) ? ['AssignPublicIp of a task, which is known only at deployment'] : [],
  ];
}

/** The calls of an `AwsCustomResource` that do more than read. */
function callsOf(type: string, properties: unknown, template: RawTemplate): string[] {
  if (type !== 'Custom::AWS') return [];
  const texts = ['Create', 'Update'].flatMap((name) => possibleTexts(template, at(properties, name)));
  const calls = texts.flatMap((text) => {
    const [, service] = /"service":"([^"]*)"/.exec(text) ?? [];
    const [, action] = /"action":"([^"]*)"/.exec(text) ?? [];
    return action === undefined || READING.test(action) ? [] : [`${service}:${action}`];
  });
  return [...new Set(calls)].map((call) => `the call ${call} of a custom resource, which can create any resource`);
}

function reasonFor(type: string): string | undefined {
  if (type in OTHER_TEMPLATES) return OTHER_TEMPLATES[type];
  if (type in KUBERNETES) return `${KUBERNETES[type]}: no check reads its objects, for example pods, roles and secrets`;
  if (type.startsWith('AWS::Serverless::')) return `${type}: the SAM transform replaces it with other resources`;
  if (type.endsWith('::MODULE')) return `the module ${type}: CloudFormation replaces it with its resources`;
  return undefined;
}
