"""What is public in `core`, and what its signatures and docstrings say of it."""

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

import core
from core.engine.run_options import RunOptions
from docs.reference.docstrings import Docstring, Entry, read
from docs.reference.returned import returned_types
from docs.reference.signatures import declared, default_shown, kind_of, kind_returned, signature_of

SHARED = "Explainer.explain"
"""Where arguments are explained that many take; `RunOptions` says what most of them mean."""
_SHARE_IT = ("core.engine", "core.explanation")


@dataclass(frozen=True)
class Argument:
    """An argument or an attribute.

    Attributes:
        name: as it is given.
        kind: its type, as code writes it; "" where none is said.
        entry: what is said of it; None where nothing is.
        told_at: the full name of what says it, where that is another place.
    """

    name: str
    kind: str
    entry: Entry | None
    told_at: str = ""


@dataclass(frozen=True)
class Thing:
    """A public name, or a method or property of one.

    Attributes:
        name: its own.
        owner: the class that it belongs to; "" where it stands alone.
        module: where it is written.
        declaration: how it is called, as code; "" for what is not.
        doc: what is written of it.
        kind: of a property or a constant, its type.
        is_value: whether its attributes are its arguments.
        bases: of a class, public ones whose methods it has as well.
    """

    name: str
    module: str
    doc: Docstring
    owner: str = ""
    declaration: str = ""
    kind: str = ""
    is_value: bool = False
    arguments: tuple[Argument, ...] = ()
    attributes: tuple[Argument, ...] = ()
    properties: tuple["Thing", ...] = ()
    methods: tuple["Thing", ...] = ()
    bases: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """With its owner."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


def things() -> list[Thing]:
    """Every public name, and every type that comes back from one; sorted, `Explainer` first."""
    public = {name: getattr(core, name) for name in core.__all__}
    named = public | {value.__name__: value for value in returned_types(list(public.values()))}
    return [_thing(name, named[name]) for name in sorted(named, key=lambda name: (name != "Explainer", name.lower()))]


def undocumented() -> list[str]:
    """Names, methods, properties, arguments and attributes of which nothing is said."""
    found = []
    for thing in things():
        for each in (thing, *thing.methods, *thing.properties):
            if not each.doc.text:
                found.append(each.full_name)
            told = (*each.arguments, *each.attributes)
            found += [f"{each.full_name}: {argument.name}" for argument in told if argument.entry is None]
    return found


def _thing(name: str, value: Any) -> Thing:
    if inspect.isclass(value):
        return _class(name, value)
    if callable(value):
        return _function(name, value, value.__module__)
    module, doc, kind = _constant(name)
    return Thing(name, module, read(doc), declaration=_of_constant(name, value, kind))


def _class(name: str, value: type) -> Thing:
    parts = [part for part in value.__mro__ if part.__module__.split(".")[0] == "core"]
    is_value, is_error = is_dataclass(value), issubclass(value, Exception)
    own_init = vars(value).get("__init__")
    init = read(own_init.__doc__) if isinstance(own_init, FunctionType) and not is_value else Docstring("")
    doc = read(value.__doc__)
    doc = Docstring(doc.text, doc.sections | init.sections)
    declaration, arguments = "", ()
    if not is_error:
        declaration = declared(name, signature_of(value))
        arguments = () if is_value else _arguments(signature_of(value), doc, None, value.__module__)
    bases = [part for part in parts[1:] if part.__name__ in core.__all__]
    told = {each for base in bases for part in base.__mro__ for each in vars(part)} - vars(value).keys()
    named = dict.fromkeys(each for part in parts for each in vars(part) if not each.startswith("_"))
    members = [each for each in named if each not in told]
    raw = {each: inspect.getattr_static(value, each) for each in members}
    properties = [
        Thing(each, value.__module__, read(made.__doc__), name, kind=kind_returned(made))
        for each, member in raw.items()
        if isinstance(member, property | cached_property)
        for made in [member.fget if isinstance(member, property) else member.func]
    ]
    methods = [
        _function(each, getattr(value, each), value.__module__, value, name)
        for each, member in raw.items()
        if isinstance(member, FunctionType | classmethod | staticmethod)
    ]
    attributes = list(_attributes(value, parts))
    if is_value:  # what is said of others than its fields
        held = {each.name for each in fields(value)}
        others = [each for each in attributes if each.name not in held]
        attributes = [each for each in attributes if each.name in held]
        properties += [Thing(each.name, value.__module__, Docstring(each.entry.text), name) for each in others]
    return Thing(
        name,
        value.__module__,
        doc,
        declaration=declaration,
        is_value=is_value,
        arguments=arguments,
        attributes=tuple(attributes),
        properties=tuple(properties),
        methods=tuple(methods),
        bases=tuple(base.__name__ for base in bases if not is_error),
    )


def _function(name: str, function: Callable, module: str, owner: type | None = None, owned_by: str = "") -> Thing:
    doc, signature = read(function.__doc__), signature_of(function)
    full_name = f"{owned_by}.{name}" if owned_by else name
    told = _arguments(signature, doc, owner, module, full_name)
    return Thing(name, module, doc, owned_by, declared(full_name, signature), arguments=told)


def _arguments(
    signature: inspect.Signature, doc: Docstring, owner: type | None, module: str, full_name: str = ""
) -> tuple[Argument, ...]:
    """Each with what is said of it: by its own docstring, its class, or where what many share is explained."""
    places: list[tuple[str, Callable[[str], Entry | None]]] = [("", doc.section("Args").of)]
    if owner is not None:
        places.append((owner.__name__, read(owner.__doc__).section("Attributes").of))
    if module.startswith(_SHARE_IT):
        shared = read(core.Explainer.explain.__doc__).section("Args")
        options = read(RunOptions.__doc__).section("Attributes")
        places.append((SHARED, lambda name: shared.of(name) or options.of(name)))
    arguments = []
    for each in signature.parameters.values():
        found = next(((at, entry) for at, of in places if (entry := of(each.name))), ("", None))
        told_at = "" if found[0] == full_name else found[0]
        arguments.append(Argument(each.name, kind_of(each.annotation), found[1], told_at))
    return tuple(arguments)


def _attributes(value: type, parts: list[type]) -> Iterator[Argument]:
    entries = [entry for part in parts for entry in read(part.__doc__).section("Attributes").entries]
    named = {name: entry for entry in reversed(entries) for name in entry.names}
    kinds = {each.name: kind_of(each.type) for each in fields(value)} if is_dataclass(value) else {}
    for name in dict.fromkeys([*kinds, *named]):
        yield Argument(name, kinds.get(name, ""), named.get(name))


def _constant(name: str) -> tuple[str, str | None, str]:
    """(module, docstring, type as it is written) of a constant; the docstring is the text that follows it."""
    tree = ast.parse(Path(core.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    module = next(node.module for node in imports if name in {each.name for each in node.names})
    body = ast.parse(Path(inspect.getfile(__import__(module, fromlist=["_"]))).read_text("utf-8")).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            kind = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else ""
            is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            return module, after.value.value if is_text else None, kind
    raise LookupError(f"{name} is not written in {module}.")


def _of_constant(name: str, value: Any, kind: str) -> str:
    shown = default_shown(value)
    return f"{name}: {kind}" if kind and len(shown) > 80 else f"{name} = {shown}"
