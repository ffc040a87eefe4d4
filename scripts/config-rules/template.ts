/** A resource of a template. Its properties have any shape, as in CloudFormation. */
export interface Resource {
  Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  Properties?: any;
  DeletionPolicy?: string;
}

/** The resources of one template. */
export class Resources {
  constructor(public readonly byId: Record<string, Resource>) {}

  /** The resources of some types, by ID. */
  public of(...types: string[]): Array<[id: string, resource: Resource]> {
    return Object.entries(this.byId).filter(([, { Type }]) => types.includes(Type));
  }

  /** Whether any part of a value refers to a resource. */
  public mentions(value: unknown, id: string): boolean {
    const text = JSON.stringify(value ?? null);
    return text.includes(`{"Ref":"${id}"}`) || text.includes(`{"Fn::GetAtt":["${id}",`);
  }

  /** Whether a resource of a type refers to another resource in a property. */
  public isCovered(
    id: string,
    type: string,
    property: (properties: NonNullable<Resource['Properties']>) => unknown,
  ): boolean {
    return this.of(type).some(([, { Properties }]) => this.mentions(property(Properties), id));
  }
}

/** A statement of a policy. */
export interface Statement {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** The statements of a policy that allow actions. */
export function allowed(document: { Statement: Statement | Statement[] } | undefined): Statement[] {
  return [document?.Statement ?? []].flat().filter(({ Effect }) => Effect === 'Allow');
}

/** Whether an element applies to everything. */
export function isWide(value: unknown): boolean {
  return [value].flat().includes('*');
}

/** The actions of a statement. */
export function actions({ Action }: Statement): string[] {
  return [Action ?? []].flat();
}
