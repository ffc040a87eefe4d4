/** The parts of a template that connect its stack to other stacks. */
export interface ConnectedTemplate {
  readonly Outputs?: Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>;
}

/** The templates of an app by the name of the stack, in the order of `cdk deploy --all`. */
export type Templates = Record<string, ConnectedTemplate>;

/**
 * The stacks of an account and region, by the rules of CloudFormation for exports and outputs.
 *
 * - A stack cannot import a value that no stack exports, and cannot read an output that does not exist.
 * - A stack cannot delete or change an export that another stack imports.
 *   https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 */
export class DeployedStacks {
  private readonly templates = new Map<string, ConnectedTemplate>();

  constructor(deployed: Templates) {
    const refused = this.deploy(deployed);
    if (refused.length > 0) throw new Error(refused.join('\n'));
  }

  /**
   * Deploys stacks until one is refused, and returns the reasons. By default, deploys all stacks in order. `only` names
   * the stacks and their order, as `cdk deploy --exclusively` does.
   */
  public deploy(app: Templates, only = Object.keys(app)): string[] {
    for (const name of only) {
      const refused = this.refusals(name, app[name]);
      if (refused.length > 0) return refused;
      this.templates.set(name, app[name]);
    }
    return [];
  }

  /** The outputs that a stack reads and that no longer exist. Only a weak reference allows that. */
  public get dangling(): string[] {
    return [...this.templates].flatMap(([name, template]) => this.missingOutputs(name, template));
  }

  private refusals(name: string, template: ConnectedTemplate): string[] {
    const others = [...this.templates].filter(([other]) => other !== name);
    const available = new Set(others.flatMap(([, other]) => [...exportsOf(other).keys()]));
    const missing = importsOf(template).filter((each) => !available.has(each))
      .map((each) => `${name} imports ${each}, which no stack exports`);
    const after = exportsOf(template);
    const inUse = [...exportsOf(this.templates.get(name) ?? {})].filter(([each, value]) => after.get(each) !== value)
      .flatMap(([each]) => others.filter(([, other]) => importsOf(other).includes(each))
        .map(([other]) => `Export ${each} of ${name} cannot be deleted as it is in use by ${other}`));
    return [...missing, ...this.missingOutputs(name, template), ...inUse];
  }

  private missingOutputs(name: string, template: ConnectedTemplate): string[] {
    return readOutputs(template).filter(([stack, output]) => !(output in (this.templates.get(stack)?.Outputs ?? {})))
      .map(([stack, output]) => `${name} reads ${output}, which ${stack} does not have`);
  }
}

function exportsOf({ Outputs = {} }: ConnectedTemplate): Map<string, string> {
  return new Map(Object.values(Outputs).filter(({ Export }) => Export)
    .map(({ Export, Value }) => [Export!.Name, JSON.stringify(Value)]));
}

/** The names of the exports that a template imports. */
export function importsOf(template: ConnectedTemplate): string[] {
  const found = JSON.stringify(template).matchAll(/"Fn::ImportValue":"([^"]+)"/g);
  return [...new Set([...found].map(([, name]) => name))];
}

/** The stack and the name of each output that a template reads with a weak reference. */
function readOutputs(template: ConnectedTemplate): Array<[string, string]> {
  const found: Array<[string, string]> = [];
  JSON.stringify(template, (key, value) => {
    if (key === 'Fn::GetStackOutput') found.push([value.StackName, value.OutputName]);
    return value;
  });
  return found;
}
