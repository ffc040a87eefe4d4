"""Compares C# programs with the generated sources of the package, where no compiler can.

check_csharp.py SOURCES NAMES FILE… NAMES has the types of other packages, one on each line.

Parses every file. Reports names that C# does not allow in the sources, and what the programs use and the sources do not
declare: types, constructors, methods, properties, and the number of arguments. Compares the types of arguments and of
properties that are set to a parameter of the method, or to its members. The types of other packages are only names.
"""
import re
import sys
from pathlib import Path

import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

PARSER = Parser(Language(tree_sitter_c_sharp.language()))
PACKAGE = "CdkHipaa"
TYPES = ("class_declaration", "interface_declaration", "enum_declaration", "record_declaration")
CALLABLES = ("method_declaration", "constructor_declaration", "local_function_statement")
# The nodes that name a type.
DECLARING = ("parameter", "variable_declaration", "property_declaration", "array_creation_expression",
             "method_declaration", "object_creation_expression", "base_list")
# The types of the .NET runtime that the programs use.
SYSTEM = {"Dictionary", "IDictionary", "List"}
NAMESPACES = {PACKAGE, "Amazon", "Constructs", "System"}
# The members of every construct: https://docs.aws.amazon.com/cdk/api/v2/docs/constructs.Construct.html
OF_CONSTRUCT = {"Node", "ToString"}
INTERFACE = re.compile("I[A-Z]")
Parameter = tuple[str, bool]
problems: list[str] = []


def text(node: Node) -> str:
    return "".join(node.text.decode().split()).lstrip("@")


def parse(file: Path) -> Node:
    root = PARSER.parse(file.read_bytes()).root_node
    if root.has_error:
        problems.append(f"{file.name} is not valid C#")
    return root


def nodes(node: "Node | None", *types: str) -> list[Node]:
    if node is None:
        return []
    found = [node] if node.type in types else []
    return found + [each for child in node.children for each in nodes(child, *types)]


def field(node: "Node | None", name: str) -> "Node | None":
    return node.child_by_field_name(name) if node else None


def around(node: Node, *types: str) -> "Node | None":
    while node is not None and node.type not in types:
        node = node.parent
    return node


def parameters_of(node: Node) -> list[Parameter]:
    """The types of the parameters, and whether each is required."""
    children = field(node, "parameters").named_children
    declared = [(text(field(each, "type")).rstrip("?"), "=" not in text(each))
                for each in children if each.type == "parameter"]
    # The parts of the last parameter, `params T[] values`, are children of the list.
    rest = [text(each) for each in children if each.type == "array_type"]
    return declared + [(f"params {each.removesuffix('[]')}", False) for each in rest]


class Type:
    """A public type of the package."""

    def __init__(self, node: Node):
        self.name = text(field(node, "name"))
        self.kind = node.type
        bases = [each for each in node.children if each.type == "base_list"]
        self.bases = [text(each).rsplit(".", 1)[-1] for base in bases for each in base.named_children]
        self.constructors: list[list[Parameter]] = []
        self.methods: dict[str, list[Parameter]] = {}
        # The types of the properties. The members of an enum have none.
        self.values: dict[str, str] = {}
        self.static: set[str] = set()
        for member in field(node, "body").named_children:
            self.add(member)
        # A class without a constructor has a public one without parameters.
        if not any(each.type == "constructor_declaration" for each in field(node, "body").named_children):
            self.constructors.append([])

    def add(self, member: Node) -> None:
        modifiers = [text(each) for each in member.children if each.type == "modifier"]
        if field(member, "name") is None or ("public" not in modifiers and self.kind == "class_declaration"):
            return
        name = text(field(member, "name"))
        if member.type == "constructor_declaration":
            self.constructors.append(parameters_of(member))
            return
        # https://learn.microsoft.com/dotnet/csharp/language-reference/compiler-messages/cs0542
        if name == self.name and member.type not in TYPES:
            problems.append(f"{self.name} has a member with its own name")
        if name in self.values or name in self.methods:
            problems.append(f"{self.name} declares {name} twice")
        if "static" in modifiers or member.type == "enum_member_declaration":
            self.static.add(name)
        if member.type == "method_declaration":
            self.methods[name] = parameters_of(member)
        elif member.type not in TYPES:
            self.values[name] = text(field(member, "type")).rstrip("?") if field(member, "type") else ""

    def owner_of(self, name: str) -> "Type | None":
        """The type that declares a member: this one, or one of its bases in the package."""
        if name in self.values or name in self.methods:
            return self
        bases = (known[base].owner_of(name) for base in self.bases if base in known)
        return next((each for each in bases if each), None)

    def is_complete(self) -> bool:
        """Whether it has no members of other packages. A class declares the members of its interfaces itself."""
        bases = [base for base in self.bases if self.kind != "class_declaration" or not INTERFACE.match(base)]
        return all(known[base].is_complete() if base in known else base in ("DeputyBase", "Construct")
                   for base in bases)


known: dict[str, Type] = {}


def type_named(name: str) -> "Type | None":
    package, _, rest = name.rpartition(".")
    return known.get(rest) if package in ("", PACKAGE) else None


class Program:
    """A program that uses the package."""

    def __init__(self, file: Path, root: Node, names: set[str]):
        self.file, self.names = file, names
        self.uses = 0
        for node in nodes(root, "object_creation_expression", "implicit_object_creation_expression"):
            self.creation(node)
        for node in nodes(root, "member_access_expression"):
            self.access(node)
        for node in nodes(root, *DECLARING):
            self.named_types(node)

    def refuse(self, node: Node, problem: str) -> None:
        problems.append(f"{self.file.name}:{node.start_point.row + 1} {problem}")

    def named_types(self, node: Node) -> None:
        """Reports the name of a type that neither the package nor another package declares."""
        parts = [node] if node.type == "base_list" else [field(node, "type"), field(node, "returns")]
        for part in (each for each in parts if each):
            for name in nodes(part, "identifier"):
                is_part = name.parent.type == "qualified_name" or field(around(name, "tuple_element"), "name") == name
                if not is_part and text(name) not in self.names:
                    self.refuse(name, f"uses {text(name)}, which no package declares")

    def type_of(self, expression: Node) -> "str | None":
        """The type of a parameter, of a variable with a new object, of a member of one, or of `instance`."""
        if expression.type == "member_access_expression":
            owner = type_named(self.type_of(field(expression, "expression")) or "")
            declaring = owner and owner.owner_of(text(field(expression, "name")))
            return declaring.values.get(text(field(expression, "name"))) if declaring else None
        name, method = text(expression), around(expression, *CALLABLES)
        for each in nodes(field(method, "parameters"), "parameter"):
            if text(field(each, "name")) == name and field(each, "type"):
                return text(field(each, "type")).rstrip("?")
        for each in nodes(method, "variable_declarator"):
            created = [child for child in each.children if child.type == "object_creation_expression"]
            if created and field(each, "name") and text(field(each, "name")) == name:
                return text(field(created[0], "type"))
        return None

    def arguments(self, node: Node, name: str, declared: list[Parameter]) -> None:
        values = [([each] + each.named_children)[-1] for each in field(node, "arguments").named_children]
        required = sum(1 for _, is_required in declared if is_required)
        rest = declared[-1][0].removeprefix("params ") if declared and declared[-1][0].startswith("params ") else None
        if len(values) < required or (rest is None and len(values) > len(declared)):
            self.refuse(node, f"passes {len(values)} arguments to {name}, which has {len(declared)}")
        for index, value in enumerate(values):
            expected = declared[index][0].removeprefix("params ") if index < len(declared) else rest
            self.compare(value, expected, name)

    def compare(self, value: Node, expected: "str | None", name: str) -> None:
        given = self.type_of(value)
        if given and expected and not self.fits(given.removesuffix("[]"), expected.removesuffix("[]")):
            self.refuse(value, f"passes {given} to {name} for {expected}")

    def fits(self, given: str, expected: str) -> bool:
        short, wanted = given.rsplit(".", 1)[-1], expected.rsplit(".", 1)[-1]
        if expected == "object" or short == wanted:
            return True
        declared = type_named(given)
        if declared is None:
            return type_named(expected) is None and given not in ("string", "double", "bool")
        return any(self.fits(base, wanted) for base in declared.bases)

    def creation(self, node: Node) -> None:
        kind = field(node, "type")
        if kind is None:  # `new() { … }` has the type of the method or the property whose value it is.
            member = around(node, "method_declaration", "property_declaration")
            kind = field(member, "returns") or field(member, "type")
        name = text(kind).rstrip("?")
        declared = type_named(name)
        if declared is None:
            if name.startswith(f"{PACKAGE}."):
                self.refuse(node, f"creates {name}, which the package lacks")
            return
        self.uses += 1
        if not declared.constructors:
            self.refuse(node, f"creates {name}, which has no public constructor")
        elif field(node, "arguments"):
            self.arguments(node, declared.name, declared.constructors[0])
        initializers = [each for each in node.children if each.type == "initializer_expression"]
        for assignment in (each for initializer in initializers for each in initializer.named_children):
            left = field(assignment, "left")
            if left is None:
                continue
            self.uses += 1
            owner = declared.owner_of(text(left))
            if owner is None or text(left) not in owner.values:
                self.refuse(assignment, f"sets {text(left)}, which {declared.name} lacks")
            else:
                self.compare(field(assignment, "right"), owner.values[text(left)], f"{declared.name}.{text(left)}")

    def access(self, node: Node) -> None:
        expression, name = field(node, "expression"), text(field(node, "name"))
        instance = self.type_of(expression)
        owner = type_named(instance or text(expression))
        if owner is None:
            if text(expression) == PACKAGE and name not in known:
                self.refuse(node, f"uses {name}, which the package lacks")
            if instance is None and expression.type == "identifier" and text(expression) not in self.names \
                    and not self.is_local(expression):
                self.refuse(node, f"uses {text(expression)}, which no package declares")
            return
        self.uses += 1
        declaring = owner.owner_of(name)
        call = node.parent if node.parent.type == "invocation_expression" and field(node.parent, "function") == node \
            else None
        if declaring is None and name not in OF_CONSTRUCT and (instance is None or owner.is_complete()):
            self.refuse(node, f"uses {name}, which {owner.name} lacks")
        elif declaring and ((call is not None) != (name in declaring.methods)
                            or (instance is None) != (name in declaring.static)):
            self.refuse(node, f"uses {name} of {owner.name} in another way than it is declared")
        elif declaring and call is not None:
            self.arguments(call, f"{owner.name}.{name}", declaring.methods[name])

    def is_local(self, name: Node) -> bool:
        """Whether a name is that of a parameter, a variable or a member of the program."""
        declared = nodes(around(name, "compilation_unit"), "parameter", "variable_declarator", "property_declaration")
        return any(text(field(each, "name")) == text(name) for each in declared if field(each, "name"))


sources = sorted(Path(sys.argv[1]).rglob("*.cs"))
for source in sources:
    for declaration in nodes(parse(source), *TYPES):
        if declaration.parent.parent.type == "namespace_declaration":
            known_type = Type(declaration)
            known[known_type.name] = known_type
roots = {Path(file): parse(Path(file)) for file in sys.argv[3:]}
declared_here = {text(field(each, "name")) for root in roots.values() for each in nodes(root, *TYPES)}
all_names = SYSTEM | NAMESPACES | known.keys() | declared_here | set(Path(sys.argv[2]).read_text().split())
programs = [Program(file, root, all_names) for file, root in roots.items()]
for problem in problems:
    print(problem)
uses = ", ".join(f"{program.file.name} {program.uses}" for program in programs)
print(f"C#: {len(sources)} source files with {len(known)} types; uses of the package: {uses}")
sys.exit(1 if problems else 0)
