"""Compares C# programs with the generated sources of the package, where no compiler can: check_csharp.py SOURCES FILE…

Parses every file. Reports names that C# does not allow in the sources, and what the programs use of the package and the
sources do not declare: types, constructors, methods, properties, the number of arguments, and the types of arguments
that are parameters. Does not see types that C# infers, or members of other packages.
"""
import sys
from pathlib import Path

import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

PARSER = Parser(Language(tree_sitter_c_sharp.language()))
PACKAGE = "CdkHipaa"
TYPES = ("class_declaration", "interface_declaration", "enum_declaration")
problems: list[str] = []


def text(node: Node) -> str:
    return "".join(node.text.decode().split()).lstrip("@")


def parse(file: Path) -> Node:
    root = PARSER.parse(file.read_bytes()).root_node
    if root.has_error:
        problems.append(f"{file.name} is not valid C#")
    return root


def nodes(node: Node, *types: str) -> list[Node]:
    found = [node] if node.type in types else []
    return found + [each for child in node.children for each in nodes(child, *types)]


def parameters_of(node: Node) -> list[tuple[str, bool]]:
    """The types of the parameters, and whether each is required."""
    declared = node.child_by_field_name("parameters").named_children
    if any(each.type != "parameter" for each in declared):
        declared = [each for each in declared if each.type == "parameter"] + [None]
    # The last parameter, `params T[] values`, is not a node of its own.
    return [("...", False) if each is None
            else (text(each.child_by_field_name("type")).rstrip("?"), "=" not in text(each)) for each in declared]


class Type:
    """A public type of the package."""

    def __init__(self, node: Node):
        self.name = text(node.child_by_field_name("name"))
        self.kind = node.type
        bases = [each for each in node.children if each.type == "base_list"]
        self.bases = [text(each).rsplit(".", 1)[-1] for base in bases for each in base.named_children]
        self.constructors: list[list[tuple[str, bool]]] = []
        self.methods: dict[str, list[tuple[str, bool]]] = {}
        self.values: set[str] = set()
        for member in node.child_by_field_name("body").named_children:
            self.add(member)

    def add(self, member: Node) -> None:
        modifiers = [text(each) for each in member.children if each.type == "modifier"]
        name = member.child_by_field_name("name")
        if name is None or ("public" not in modifiers and self.kind == "class_declaration"):
            return
        name = text(name)
        if member.type == "constructor_declaration":
            self.constructors.append(parameters_of(member))
            return
        # https://learn.microsoft.com/dotnet/csharp/language-reference/compiler-messages/cs0542
        if name == self.name and member.type not in TYPES:
            problems.append(f"{self.name} has a member with its own name")
        if name in self.values or name in self.methods:
            problems.append(f"{self.name} declares {name} twice")
        if member.type == "method_declaration":
            self.methods[name] = parameters_of(member)
        elif member.type not in TYPES:
            self.values.add(name)

    def find(self, name: str) -> "list[tuple[str, bool]] | bool":
        """The parameters of a method, True for a value, or False."""
        if name in self.values:
            return True
        if name in self.methods:
            return self.methods[name]
        found = [known[base].find(name) for base in self.bases if base in known]
        return next((each for each in found if each is not False), False)


known: dict[str, Type] = {}


def parameters_around(node: Node) -> dict[str, str]:
    """The types of the parameters of the method around a node, by name."""
    while node.parent and node.type not in ("method_declaration", "constructor_declaration"):
        node = node.parent
    parameters = node.child_by_field_name("parameters")
    return {text(each.child_by_field_name("name")): text(each.child_by_field_name("type")).rstrip("?")
            for each in (nodes(parameters, "parameter") if parameters else []) if each.child_by_field_name("type")}


def type_named(name: str) -> "Type | None":
    package, _, rest = name.rpartition(".")
    return known.get(rest) if package in ("", PACKAGE) else None


class Program:
    """A program that uses the package."""

    def __init__(self, file: Path):
        self.file = file
        self.uses = 0
        root = parse(file)
        for node in nodes(root, "object_creation_expression"):
            self.creation(node)
        for node in nodes(root, "member_access_expression"):
            self.access(node)

    def refuse(self, node: Node, problem: str) -> None:
        problems.append(f"{self.file.name}:{node.start_point.row + 1} {problem}")

    def arguments(self, node: Node, name: str, declared: list[tuple[str, bool]]) -> None:
        given = parameters_around(node)
        values = [text(each) for each in node.child_by_field_name("arguments").named_children]
        required = sum(1 for _, is_required in declared if is_required)
        if not required <= len(values) <= len(declared) and ("...", False) not in declared:
            self.refuse(node, f"passes {len(values)} arguments to {name}, which has {len(declared)}")
        for value, (expected, _) in zip((value.lstrip("@") for value in values), declared):
            if value in given and expected not in ("...", "object", given[value]):
                self.refuse(node, f"passes {given[value]} to {name} for {expected}")

    def creation(self, node: Node) -> None:
        name = text(node.child_by_field_name("type"))
        declared = type_named(name)
        if declared is None:
            if name.startswith(f"{PACKAGE}."):
                self.refuse(node, f"creates {name}, which the package lacks")
            return
        self.uses += 1
        if node.child_by_field_name("arguments") and declared.constructors:
            self.arguments(node, declared.name, declared.constructors[0])
        initializer = node.child_by_field_name("initializer")
        for assignment in initializer.named_children if initializer else []:
            left = assignment.child_by_field_name("left")
            if left is None:
                continue
            self.uses += 1
            if declared.find(text(left)) is not True:
                self.refuse(assignment, f"sets {text(left)}, which {declared.name} lacks")

    def access(self, node: Node) -> None:
        owner, name = text(node.child_by_field_name("expression")), text(node.child_by_field_name("name"))
        owner_type = type_named(parameters_around(node).get(owner, owner))
        if owner_type is None:
            if owner == PACKAGE and name not in known:
                self.refuse(node, f"uses {name}, which the package lacks")
            return
        self.uses += 1
        found = owner_type.find(name)
        call = node.parent if node.parent.type == "invocation_expression" else None
        if found is False or (call is not None) == (found is True):
            self.refuse(node, f"uses {name}, which {owner_type.name} lacks")
        elif call is not None:
            self.arguments(call, f"{owner_type.name}.{name}", found)


sources = sorted(Path(sys.argv[1]).rglob("*.cs"))
for source in sources:
    for declaration in nodes(parse(source), *TYPES):
        if declaration.parent.parent.type == "namespace_declaration":
            known_type = Type(declaration)
            known[known_type.name] = known_type
programs = [Program(Path(file)) for file in sys.argv[2:]]
for problem in problems:
    print(problem)
uses = ", ".join(f"{program.file.name} {program.uses}" for program in programs)
print(f"C#: {len(sources)} source files with {len(known)} types; uses of the package: {uses}")
sys.exit(1 if problems else 0)
