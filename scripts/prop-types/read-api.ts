import * as path from 'path';
import * as ts from 'typescript';

/** The types of the public API, written as in `src/core/prop-types.ts`. */
export interface PropTypes {
  /** The props of each struct of this library, including inherited ones. */
  readonly structs: Record<string, Record<string, string>>;
  /** The parameters of each public method, by class and method. `...` marks one that takes the remaining arguments. */
  readonly methods: Record<string, Record<string, Record<string, string>>>;
  /** The factories of each class that only its factories create, and the methods that each of its subclasses has. */
  readonly choices: Record<string, { factories: string[]; members: string[] }>;
  /** The members by which a value of an interface, or of a construct of this library, is recognized. */
  readonly interfaces: Record<string, string[]>;
  /** The public fields of each construct of this library. */
  readonly fields: Record<string, string[]>;
  /** The classes of aws-cdk-lib and constructs: the jsii name, and members that each instance has. */
  readonly classes: Record<string, string[]>;
  /** The values of the enums of this library, and the places where aws-cdk-lib exports the other enums. */
  readonly enums: Record<string, Record<string, string | number> | string>;
  /** The structs of aws-cdk-lib. */
  readonly foreignStructs: string[];
}

/** The number of members that are enough to recognize an interface. */
const MAX_MEMBERS = 6;
/** Namespaces that are not named after their module. */
const ALIASES: Record<string, string> = { certificatemanager: 'acm', elasticloadbalancingv2: 'elbv2' };

/** Reads the public API from `src/index.ts`. */
export function readApi(root: string): PropTypes {
  return new ApiReader(root).read();
}

class ApiReader {
  private readonly checker: ts.TypeChecker;
  private readonly index: ts.SourceFile;
  private readonly result: PropTypes = {
    structs: {}, methods: {}, choices: {}, interfaces: {}, fields: {}, classes: {}, enums: {}, foreignStructs: [],
  };

  constructor(root: string) {
    const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
    const index = path.join(root, 'src', 'index.ts');
    const program = ts.createProgram([index], { ...options, noEmit: true, types: ['node'] });
    this.checker = program.getTypeChecker();
    this.index = program.getSourceFile(index)!;
  }

  public read(): PropTypes {
    const exported = this.checker.getExportsOfModule(this.checker.getSymbolAtLocation(this.index)!);
    for (const symbol of exported.map((each) => this.target(each))) {
      if (isInterface(symbol) && isBehavioral(symbol)) {
        this.readResults(symbol);
        this.readMethods(symbol);
      }
      if (has(symbol.flags, ts.SymbolFlags.Class)) {
        this.nameOfClass(symbol);
        this.readConstructor(symbol);
        this.readMethods(symbol);
      }
    }
    return this.result;
  }

  /** The type of a prop or a parameter: `string`, `[IMonitored]` for an array, `{number}` for a map. */
  private typeName(given: ts.Type, where: string): string {
    const type = this.checker.getNonNullableType(given);
    if (has(type.flags, ts.TypeFlags.Any) || has(type.flags, ts.TypeFlags.Unknown)) return 'any';
    const isEnum = has(type.flags, ts.TypeFlags.EnumLike);
    if (has(type.flags, ts.TypeFlags.StringLike) && !isEnum) return 'string';
    if (has(type.flags, ts.TypeFlags.NumberLike) && !isEnum) return 'number';
    if (has(type.flags, ts.TypeFlags.BooleanLike)) return 'boolean';
    if (this.checker.isArrayType(type)) {
      return `[${this.typeName(this.checker.getTypeArguments(type as ts.TypeReference)[0], where)}]`;
    }
    const symbol = type.symbol ?? type.aliasSymbol;
    if (has(symbol.flags, ts.SymbolFlags.EnumMember)) {
      return this.nameOfEnum(this.checker.getBaseTypeOfLiteralType(type).symbol);
    }
    if (has(symbol.flags, ts.SymbolFlags.Enum)) return this.nameOfEnum(symbol);
    if (has(symbol.flags, ts.SymbolFlags.Class)) return this.nameOfClass(symbol);
    if (isInterface(symbol)) return this.nameOfInterface(symbol);
    const values = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (values) return `{${this.typeName(values, where)}}`;
    throw new Error(`${where} has the type ${this.checker.typeToString(type)}, which scripts/prop-types does not know`);
  }

  private nameOfInterface(symbol: ts.Symbol): string {
    const { name, ours } = this.origin(symbol);
    const behavioral = isBehavioral(symbol);
    if (!behavioral && !ours) this.addOnce(this.result.foreignStructs, name);
    if (!behavioral) this.readStruct(name, symbol);
    if (behavioral) this.result.interfaces[name] ??= this.membersOf(symbol);
    return name;
  }

  private readStruct(name: string, symbol: ts.Symbol): void {
    if (this.result.structs[name]) return;
    const props: Record<string, string> = this.result.structs[name] = {};
    for (const prop of this.checker.getPropertiesOfType(this.checker.getDeclaredTypeOfSymbol(symbol))) {
      const type = this.typeName(this.checker.getTypeOfSymbol(prop), `${name}.${prop.name}`);
      props[prop.name] = isOptional(prop) ? `${type}?` : type;
    }
  }

  private nameOfClass(symbol: ts.Symbol): string {
    const { name, ours, fqn } = this.origin(symbol);
    if (!ours) {
      this.result.classes[name] ??= [fqn, ...this.membersOf(symbol)];
    } else if (this.isConstruct(symbol)) {
      this.result.interfaces[name] ??= this.membersOf(symbol);
      const fields = this.publicMembers(symbol).filter((member) => !isMethod(member));
      this.result.fields[name] ??= fields.map((member) => member.name);
    } else {
      this.readChoice(name, symbol);
    }
    return name;
  }

  private readChoice(name: string, symbol: ts.Symbol): void {
    if (this.result.choices[name]) return;
    const type = this.checker.getTypeOfSymbol(symbol);
    const choice = this.checker.getDeclaredTypeOfSymbol(symbol);
    const isFactory = (member: ts.Symbol) => member.valueDeclaration && isPublic(member) && isMethod(member)
      && this.signature(member).getReturnType() === choice;
    const factories = this.checker.getPropertiesOfType(type).filter(isFactory);
    const isAbstract = (member: ts.Symbol) =>
      member.valueDeclaration !== undefined && has(modifiers(member), ts.ModifierFlags.Abstract);
    // A subclass sets a field only after the constructor of its parent.
    const isField = (member: ts.Symbol) => ts.isPropertyDeclaration(member.valueDeclaration!);
    this.result.choices[name] = {
      factories: factories.map((each) => `${each.name}(${this.signature(each).parameters.length > 0 ? '…' : ''})`),
      members: this.checker.getPropertiesOfType(choice).filter(isAbstract)
        .map((member) => isField(member) ? `${member.name}=` : member.name),
    };
  }

  /** The props of a construct. */
  private readConstructor(symbol: ts.Symbol): void {
    if (!this.isConstruct(symbol)) return;
    const [signature] = this.checker.getTypeOfSymbol(symbol).getConstructSignatures();
    for (const parameter of signature.parameters) this.typeName(this.checker.getTypeOfSymbol(parameter), symbol.name);
  }

  /** The results of the methods of an interface that users implement. */
  private readResults(symbol: ts.Symbol): void {
    this.nameOfInterface(symbol);
    for (const method of this.publicMembers(symbol).filter(isMethod)) {
      const type = this.signature(method).getReturnType();
      if (type.symbol && isInterface(type.symbol)) this.typeName(type, `${symbol.name}.${method.name}`);
    }
  }

  /** The methods of a class or an interface that take arguments, including static ones. */
  private readMethods(symbol: ts.Symbol): void {
    const own = [...symbol.exports?.values() ?? [], ...symbol.members?.values() ?? []];
    for (const member of own.filter((each) => each.valueDeclaration && isPublic(each) && isMethod(each))) {
      const { parameters } = this.signature(member);
      if (parameters.length === 0) continue;
      const ofClass = this.result.methods[symbol.name] ??= {};
      ofClass[member.name] = Object.fromEntries(parameters.map((parameter) => {
        const where = `${symbol.name}.${member.name}(${parameter.name})`;
        const type = this.typeName(this.checker.getTypeOfSymbol(parameter), where);
        return [isRest(parameter) ? `...${parameter.name}` : parameter.name, isOptional(parameter) ? `${type}?` : type];
      }));
    }
  }

  private nameOfEnum(symbol: ts.Symbol): string {
    const { name, ours, fqn } = this.origin(symbol);
    this.result.enums[name] ??= ours ? this.enumValues(symbol) : fqn.replace('aws-cdk-lib.', '');
    return name;
  }

  private enumValues(symbol: ts.Symbol): Record<string, string | number> {
    const members = [...symbol.exports!.values()].map((member) => member.valueDeclaration as ts.EnumMember);
    return Object.fromEntries(members.map((member) => [member.name.getText(), this.checker.getConstantValue(member)!]));
  }

  /** The first required members of an interface. Inherited members only if the interface declares none. */
  private membersOf(symbol: ts.Symbol): string[] {
    const declared = this.checker.getDeclaredTypeOfSymbol(symbol);
    const isCurrent = (member: ts.Symbol) =>
      member.getJsDocTags(this.checker).every((tag) => tag.name !== 'deprecated');
    const required = (members: ts.Symbol[]) => members
      .filter((member) => isPublic(member) && !isOptional(member) && isCurrent(member))
      .map((member) => member.name);
    const own = required([...symbol.members?.values() ?? []].filter(isMember));
    const members = own.length > 0 ? own : required(this.checker.getPropertiesOfType(declared));
    return members.slice(0, MAX_MEMBERS);
  }

  private publicMembers(symbol: ts.Symbol): ts.Symbol[] {
    return [...symbol.members!.values()].filter((member) => isMember(member) && isPublic(member));
  }

  private isConstruct(symbol: ts.Symbol): boolean {
    return this.checker.getPropertyOfType(this.checker.getDeclaredTypeOfSymbol(symbol), 'node') !== undefined;
  }

  /** The name that a user writes (`ec2.IVpc`) and the one in the jsii type system (`aws-cdk-lib.aws_ec2.IVpc`). */
  private origin(symbol: ts.Symbol): { name: string; fqn: string; ours: boolean } {
    const file = symbol.declarations![0].getSourceFile().fileName;
    // `wafv2.IRuleGroupRef` is declared in interfaces/generated/aws-wafv2-interfaces.generated.d.ts.
    const module = /node_modules\/(aws-cdk-lib|constructs)\/(?:interfaces\/generated\/)?(?:aws-(\w+)[-/])?/.exec(file);
    if (!module) return { name: symbol.name, fqn: `cdk-hipaa.${symbol.name}`, ours: true };
    const [, assembly, service] = module;
    if (!service) return { name: symbol.name, fqn: `${assembly}.${symbol.name}`, ours: false };
    const name = `${ALIASES[service] ?? service.replace(/-/g, '_')}.${symbol.name}`;
    return { name, fqn: `${assembly}.aws_${service.replace(/-/g, '_')}.${symbol.name}`, ours: false };
  }

  private signature(method: ts.Symbol): ts.Signature {
    return this.checker.getTypeOfSymbol(method).getCallSignatures()[0];
  }

  private target(symbol: ts.Symbol): ts.Symbol {
    return has(symbol.flags, ts.SymbolFlags.Alias) ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  private addOnce(names: string[], name: string): void {
    if (!names.includes(name)) names.push(name);
  }
}

function isBehavioral(symbol: ts.Symbol): boolean {
  return /^I[A-Z]/.test(symbol.name);
}

function modifiers(symbol: ts.Symbol): ts.ModifierFlags {
  return symbol.valueDeclaration ? ts.getCombinedModifierFlags(symbol.valueDeclaration) : ts.ModifierFlags.None;
}

/** Whether users see a member: names with an underscore are internal. */
function isPublic(symbol: ts.Symbol): boolean {
  const hidden = [ts.ModifierFlags.Private, ts.ModifierFlags.Protected].some((flag) => has(modifiers(symbol), flag));
  return !symbol.name.startsWith('_') && !hidden;
}

function isMethod(symbol: ts.Symbol): boolean {
  return has(symbol.flags, ts.SymbolFlags.Method);
}

function isMember(symbol: ts.Symbol): boolean {
  return has(symbol.flags, ts.SymbolFlags.ClassMember);
}

function isInterface(symbol: ts.Symbol): boolean {
  return has(symbol.flags, ts.SymbolFlags.Interface);
}

function has(flags: number, flag: number): boolean {
  // eslint-disable-next-line no-bitwise -- The flags of the compiler are bits.
  return (flags & flag) !== 0;
}

/** Whether a parameter takes the remaining arguments: `...names: string[]`. */
function isRest(parameter: ts.Symbol): boolean {
  const declaration = parameter.valueDeclaration;
  return declaration !== undefined && ts.isParameter(declaration) && declaration.dotDotDotToken !== undefined;
}

function isOptional(symbol: ts.Symbol): boolean {
  const declaration = symbol.valueDeclaration;
  if (declaration && ts.isParameter(declaration)) {
    return Boolean(declaration.questionToken ?? declaration.initializer ?? declaration.dotDotDotToken);
  }
  return has(symbol.flags, ts.SymbolFlags.Optional);
}
