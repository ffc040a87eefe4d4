/** A property that holds a policy document with principals. */
interface PolicyProperty {
  readonly type: string;
  readonly path: string;
  /** Returns the properties of a resource with a document. */
  wrap(document: unknown): object;
}

/** Names of properties whose documents have statements with principals. */
const NAMES = /(^|\.)(\w*Policy|\w*PolicyDocument|\w*PolicyText|AccessPolicies)$/;
/** Properties whose name fits and whose document has another form. */
const OTHERS = new RegExp([
  'AssumeRolePolicyDocument$', '^AWS::IAM::', '^AWS::SSO::', '^AWS::IoT::Policy ', '^AWS::SNS::Subscription ',
  '^AWS::SQS::Queue ', '^AWS::SNS::Topic ', 'DataProtectionPolicy$', '^AWS::NetworkManager::', '^AWS::Events::Archive',
  '^AWS::OpenSearchServerless::', '^AWS::(SSM|EC2)::(Parameter|Verified\\w+) ',
].join('|'));

interface Spec {
  all(kind: string): Iterable<{ cloudFormationType: string; properties: Record<string, { type: SpecType }> }>;
  get(kind: string, id: string): { properties: Record<string, { type: SpecType }> };
}

interface SpecType {
  readonly type: string;
  readonly element?: SpecType;
  readonly types?: SpecType[];
  readonly reference?: { readonly $ref: string };
}

/** The properties of all resource types of CloudFormation that hold a policy document, from its resource schemas. */
export function policyProperties(): PolicyProperty[] {
  const found = new Map<string, PolicyProperty>();
  const spec = resourceSchemas();
  for (const { cloudFormationType: type, properties } of spec.all('resource')) {
    for (const path of paths(spec, properties, 0)) {
      const id = `${type} ${path}`;
      if (!NAMES.test(path) || OTHERS.test(id)) continue;
      const wrap = (document: unknown) => path.split('.').reduceRight<unknown>((inner, name) =>
        name === '#' ? [inner] : { [name]: inner }, document) as object;
      found.set(id, { type, path, wrap });
    }
  }
  return [...found.values()];
}

function resourceSchemas(): Spec {
  // A dependency of @aws-cdk/cloudformation-diff.
  const paths_ = [require.resolve('@aws-cdk/cloudformation-diff')];
  return jest.requireActual(require.resolve('@aws-cdk/aws-service-spec', { paths: paths_ })).loadAwsServiceSpecSync();
}

function paths(spec: Spec, properties: Record<string, { type: SpecType }>, depth: number): string[] {
  return depth > 3 ? [] : Object.entries(properties).flatMap(([name, { type }]) =>
    leaves(spec, type, depth).map((rest) => `${name}${rest}`));
}

function leaves(spec: Spec, type: SpecType, depth: number): string[] {
  switch (type.type) {
    case 'json': return [''];
    case 'array': return leaves(spec, type.element!, depth).map((rest) => `.#${rest}`);
    case 'union': return type.types!.flatMap((each) => leaves(spec, each, depth));
    case 'ref': return paths(spec, spec.get('typeDefinition', type.reference!.$ref).properties, depth + 1)
      .map((rest) => `.${rest}`);
    case 'string': return [''];
    default: return [];
  }
}
