"""The keys of phrases that the code puts together (`f"state.{state}.long"`), and what each can become.

What stands between the braces has a type, and the type checker knows it: an enum's members, or literals. A type that
could be anything is a fault: then nobody knows whether a phrase is missing. Not here: keys that stand there whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

from mypy import build
from mypy.find_sources import create_source_list
from mypy.nodes import CallExpr, Expression, ListExpr, MemberExpr, StrExpr
from mypy.options import Options
from mypy.types import Instance, LiteralType, Type, UnionType, get_proper_type

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "reports", "storage")
BEGINNING = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z-]+)*\.")


class Untyped(Exception):
    """What is put into the key could be anything."""


@cache
def families() -> dict[str, frozenset[str] | Untyped]:
    """`state.….long` → open, closed, …; of all places where such a key is put together."""
    found: dict[str, set[str] | Untyped] = {}
    types = _types()
    for expression in types:
        for beginning, inserted, end in _put_together(expression):
            family = f"{beginning}…{end}" if end else beginning
            try:
                members = set(_members(types[inserted]))
            except Untyped as untyped:
                found[family] = untyped
            else:
                known = found.setdefault(family, set())
                if isinstance(known, set):
                    known |= members
    return {family: known if isinstance(known, Untyped) else frozenset(known) for family, known in found.items()}


def _types() -> dict[Expression, Type]:
    """Of every expression in our rooms. Of what they import only its own types are known, which is much quicker."""
    options = Options()
    options.incremental, options.export_types, options.follow_imports = False, True, "skip"
    options.explicit_package_bases = True
    options.mypy_path = [str(ROOT)]
    return build.build(create_source_list([str(ROOT / room) for room in ROOMS], options), options).types


def _put_together(expression: Expression) -> Iterator[tuple[str, Expression, str]]:
    """Of an f-string that begins as a key does and has one hole: its beginning, what is in the hole, its end.

    To mypy it is `"".join(["state.", "{:{}}".format(state, ""), ".long"])`.
    """
    match expression:
        case CallExpr(callee=MemberExpr(name="join", expr=StrExpr(value="")), args=[ListExpr(items=parts)]):
            match parts:
                case [StrExpr(value=beginning), CallExpr(args=[inserted, *_])] if BEGINNING.fullmatch(beginning):
                    yield beginning, inserted, ""
                case [StrExpr(value=beginning), CallExpr(args=[inserted, *_]), StrExpr(value=end)] if (
                    BEGINNING.fullmatch(beginning)
                ):
                    yield beginning, inserted, end


def _members(type_: Type) -> Iterator[str]:
    match get_proper_type(type_):
        case UnionType(items=items):
            for item in items:
                yield from _members(item)
        case LiteralType(value=str() as value, fallback=fallback):
            yield str(_class(fallback)[value].value) if fallback.type.is_enum else value
        case Instance(last_known_value=LiteralType() as value):
            yield from _members(value)
        case Instance(type=info) as instance if info.is_enum:
            yield from (str(member.value) for member in _class(instance))
        case other:
            raise Untyped(str(other))


def _class(instance: Instance) -> type[Enum]:
    found: type[Enum] = resolve_name(instance.type.fullname)
    return found
