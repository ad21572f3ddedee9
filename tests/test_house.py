"""House rules that no other check can say: where the tests' own code may lie (rules of one module in a test module,
what several need in tests/support), and what the product's modules may not do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.dialogue import commands
from bot.dialogue.reply import Verb
from bot.features import MESSAGES, TABLES
from bot.outbox.kinds import MessageKind

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"


def _modules(*folders: Path) -> Iterator[tuple[str, ast.Module]]:
    """Path from the project's root, and what stands in it."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield str(path.relative_to(ROOT)), _parsed(path)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported(path: str, tree: ast.Module) -> Iterator[str]:
    """Every dotted name that an import may mean, `from … import module` and relative ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = Path(path).parts[: -node.level] if node.level else ()
            module = ".".join((*above, *([node.module] if node.module else [])))
            yield from (f"{module}.{alias.name}" for alias in node.names)
            yield module


def _is_fixture_or_hook(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return node.name.startswith("pytest_") or any("fixture" in ast.unparse(each) for each in node.decorator_list)


def test_nobody_imports_a_test_module_or_a_conftest() -> None:
    wrong = [
        f"{path}: {name}"
        for path, tree in _modules(TESTS, ROOT / "bench")
        for name in _imported(path, tree)
        if any(part == "conftest" or part.startswith("test_") for part in name.split("."))
    ]
    assert wrong == []


def test_a_module_of_tests_is_a_test_a_conftest_or_support() -> None:
    wrong = [
        path
        for path, tree in _modules(TESTS)
        if not path.startswith("tests/support/")
        and not Path(path).name.startswith("test_")
        and Path(path).name != "conftest.py"
        and tree.body  # an `__init__.py` holds nothing
    ]
    assert wrong == []


def test_a_conftest_holds_fixtures_and_hooks_alone() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in _modules(TESTS)
        if Path(path).name == "conftest.py"
        for node in tree.body[1:]  # after its docstring
        if not isinstance(node, ast.Import | ast.ImportFrom) and not _is_fixture_or_hook(node)
    ]
    assert wrong == []


def test_support_holds_no_test() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in _modules(TESTS / "support")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert wrong == []


def test_who_starts_a_process_says_so() -> None:
    """`make test-quick` leaves them out. The fixture `fork_server` says it of itself."""
    support = {f"tests.support.{name}" for name in ("world", "command_line", "throwaway")}
    starts = {"subprocess", "asyncio.subprocess", *support}
    wrong = [
        path
        for path, tree in _modules(TESTS)
        if Path(path).name.startswith("test_") and starts & {*_imported(path, tree)}
        if not {"pytest.mark.process", "pytest.mark.proof", "fork_server"}
        & {ast.unparse(node) for node in ast.walk(tree)}
    ]
    assert wrong == []


# --- the product ------------------------------------------------------------------------------------------


def _feature(module: str) -> str | None:
    """`bot.features.meetings.wording` → `meetings`; None for what lies in no feature's folder."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["bot", "features"] and len(parts) > 3 else None


def _internal_imports() -> Iterator[tuple[str, str]]:
    """Importing module, imported module: of the features among themselves."""
    for path, tree in _modules(ROOT / "bot" / "features"):
        importer = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                for alias in node.names:
                    named = ROOT.joinpath(*node.module.split("."), alias.name)
                    is_module = named.is_dir() or named.with_suffix(".py").exists()
                    yield importer, f"{node.module}.{alias.name}" if is_module else node.module


def test_a_feature_reaches_another_through_its_service_alone() -> None:
    between = [
        (importer, imported)
        for importer, imported in _internal_imports()
        if _feature(importer) is not None
        and imported.startswith("bot.features.")
        and imported.split(".")[2] != _feature(importer)
    ]
    assert [pair for pair in between if pair[1].split(".")[3:] != ["service"]] == []
    assert between  # there are some, or this looks in the wrong place


def _typed() -> Iterator[str]:
    """What people write after a slash, in transcripts and in tests."""
    for path in (TESTS / "conversations" / "transcripts").glob("*.txt"):
        yield from re.findall(r"^> /(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    for _, tree in _modules(TESTS):
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="says"), args=[ast.Constant(value=str() as text), *_]):
                    yield from re.findall(r"^/(\w+)", text)


def test_every_command_is_written_in_the_suite_under_each_of_its_names() -> None:
    typed = {commands.normalise(word) for word in _typed()}
    assert sorted(TABLES.commands.keys() - typed) == []


def test_no_message_is_without_a_no_to_more_of_them() -> None:
    # who is gone gets no more; and what is about who is logged in as them can't be turned off
    to_stay = {kind: each for kind, each in MESSAGES.items() if not (each.to_departed or each.of_login)}
    assert [kind for kind, each in to_stay.items() if Verb.DECLINE not in each.at_once] == []
    assert [kind for kind, each in MESSAGES.items() if each.to_departed] == [
        MessageKind.OBJECTION_DECIDED,
        MessageKind.ERASURE_ANSWERED,
    ]
    assert [kind for kind, each in MESSAGES.items() if each.of_login] == [
        MessageKind.CODE,
        MessageKind.NEW_DEVICE,
        MessageKind.CODE_GIVEN,
    ]


def _types(tree: ast.Module) -> Iterator[str]:
    """Classes, and aliases of types: names like theirs that a module gives to something, but not by importing it."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", name):
                    yield name


def test_no_name_of_a_class_or_of_an_alias_in_the_product_means_two_things() -> None:
    where: dict[str, list[str]] = {}
    for path, tree in _modules(ROOT / "bot", ROOT / "storage", ROOT / "reports"):
        for name in _types(tree):
            where.setdefault(name, []).append(path)
    assert "Handler" in where  # an alias, or this looks in the wrong place
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


def test_what_has_more_than_eight_fields_is_made_by_their_names() -> None:
    wrong = [
        f"{path}: {node.name}"
        for path, tree in _modules(ROOT / "bot", ROOT / "storage", ROOT / "reports")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(
            "dataclass" in ast.unparse(each) and "kw_only=True" not in ast.unparse(each) for each in node.decorator_list
        )
        and sum(isinstance(each, ast.AnnAssign) for each in node.body) > 8
    ]
    assert wrong == []


def test_no_layout_is_made_by_hand() -> None:
    marks = ("fmt: " + "skip", "fmt: " + "off")
    files = [
        path for folder in ("bot", "storage", "reports", "tests", "bench") for path in (ROOT / folder).rglob("*.py")
    ]
    assert [str(path) for path in files if any(mark in path.read_text(encoding="utf-8") for mark in marks)] == []


def test_what_a_check_is_told_to_overlook_has_its_reason_on_the_line() -> None:
    told = re.compile(r"# (?:noqa|type: ignore)(.*)")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("bot", "storage", "reports", "tests", "bench")
        for path in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := told.search(line)) is not None and path != Path(__file__)
        if re.search(r"  # (?!noqa|type: ignore)\S", found[1]) is None
    ]
    assert wrong == []


def test_what_is_sent_by_each_of_somebodys_channels_is_enqueued_in_one_place() -> None:
    """`outbox.enqueue_on`: nobody makes a message's key and its one channel by hand."""
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in _modules(ROOT / "bot")
        for node in ast.walk(tree)
        if isinstance(node, ast.For)
        if re.search(r"outbox\.enqueue\b", ast.unparse(node)) and "channel" in ast.unparse(node.target)
    ]
    assert wrong == []


def test_who_takes_part_is_said_once() -> None:
    """`people.TAKES_PART`: has said yes to the notice, and is nobody who is entered for."""
    said = [
        path
        for path, tree in _modules(ROOT / "storage")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if "notice_version IS NOT NULL" in node.value
    ]
    assert said == ["storage/people.py"]
