"""The rules of the house (docs/devnotes.md), as a checker: read with `ast`, nothing is imported or run.

`python tests/architecture/house_rules.py` prints the sizes and what breaks a rule; the tests beside it do the same
and plant violations, so that the checker itself is known to be able to fail.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[2] / "eabsensi"

LONGEST_FILE = 400
MEDIAN_FUNCTION = 8
LONG_FUNCTION = 40
LONG_FUNCTIONS_PERCENT = 5

#: Which part may import which other parts, with the reason that a breach is told.
MAY_IMPORT: dict[str, tuple[set[str], str]] = {
    "errors": (set(), "errors stands under everything"),
    "clock": (set(), "clock stands under everything"),
    "settings": ({"errors"}, "settings stands under everything but errors"),
    "logs": ({"errors"}, "logs stands under everything but errors"),
    "law": ({"errors"}, "law is dated data and its loader; it depends on nothing that can change a verdict"),
    "discipline": ({"errors", "law"}, "discipline is pure: it judges what it is given, by law, and asks nothing"),
    "devices": (
        {"errors", "clock", "logs"},
        "devices knows the machine on the wall, and neither database nor law, so that either can change alone",
    ),
    "store": (
        {"errors", "clock", "settings", "logs", "devices"},
        "store keeps what it is given; of devices it knows value types only, and what a day means is not its business",
    ),
    **{
        use_case: (
            {"errors", "clock", "settings", "logs", "law", "discipline", "devices", "store"}
            | {"collecting", "assessing", "importing", "reports", "rehearsing", "access", "filing", "sealing"},
            "a use case stands under cli and portal: what it does must not depend on who asked",
        )
        for use_case in ("collecting", "assessing", "importing", "reports", "rehearsing", "access", "filing", "sealing")
    },
}
TOP = {"cli", "portal", "__main__", "__init__"}
#: Modules of devices that hold values a store may keep; the others hold sockets and sessions.
VALUES_OF_DEVICES = {"attlog", "errors", "logposition", "logread", "registry", "registryentry"}
SQL = {"sqlalchemy", "psycopg", "alembic"}
WORLD = {
    "socket",
    "ssl",
    "select",
    "selectors",
    "asyncio",
    "time",
    "subprocess",
    "threading",
    "urllib",
    "http",
    "random",
}
FILES = {"pathlib", "os", "io", "shutil", "tempfile"}
WALL_CLOCK = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.localtime"}
BANNED_WORDS = {"data", "info", "manager", "helper", "helpers", "util", "utils", "status1", "flag"}
PRAGMA = re.compile(r"#\s*(noqa(?::\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?|type:\s*ignore(?:\[[^\]]*\])?)(.*)$")


class Breach(NamedTuple):
    """One place where a rule is broken."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Source:
    """One module of the package: its file, and its dotted name without the package's own."""

    path: Path
    name: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))

    @property
    def part(self) -> str:
        return self.name.split(".")[0]

    def at(self, node: ast.AST | int) -> str:
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return f"eabsensi/{self.path_name}:{line}"

    @property
    def path_name(self) -> str:
        return self.name.replace(".", "/") + ".py"

    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Give each imported dotted name; ``from a import b`` counts as ``a.b``, so a module is seen either way."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                yield from ((node, f"{base}.{alias.name}") for alias in node.names)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        here = ["eabsensi", *self.name.split(".")]
        if self.path.name != "__init__.py":
            here = here[:-1]
        above = here[: len(here) - node.level + 1]
        return ".".join([*above, node.module] if node.module else above)


def read_package(package: Path = PACKAGE) -> list[Source]:
    """Read every module under ``package``; its own ``__init__`` is named ``__init__``."""
    return [Source(path, _dotted(path.relative_to(package))) for path in sorted(package.rglob("*.py"))]


def _dotted(path: Path) -> str:
    parts = [*path.parent.parts, path.stem]
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def dependencies_run_one_way(source: Source) -> Iterator[Breach]:
    """Design: cli, portal → use cases → store, devices, discipline → law."""
    for node, name in source.imports():
        if not name.startswith("eabsensi."):
            continue
        target = name.split(".")[1]
        if target == source.part or (source.part in TOP and target != "__main__"):
            continue
        allowed, reason = MAY_IMPORT.get(source.part, (set(), "a new part of the house needs a rule in house_rules.py"))
        if target not in allowed:
            yield Breach(source.at(node), f"{source.part} imports {target}: {reason}")


def store_knows_only_values_of_devices(source: Source) -> Iterator[Breach]:
    for node, name in source.imports():
        parts = name.split(".")
        if source.part == "store" and parts[:2] == ["eabsensi", "devices"] and parts[2] not in VALUES_OF_DEVICES:
            yield Breach(
                source.at(node), f"store imports devices.{parts[2]}: it may keep a device's values, not talk to it"
            )


def devices_do_not_know_the_simulator(source: Source) -> Iterator[Breach]:
    if source.part == "devices" and not source.name.startswith("devices.simulator"):
        for node, name in source.imports():
            if name.startswith("eabsensi.devices.simulator"):
                yield Breach(source.at(node), "devices imports its simulator: real reading must not lean on a pretence")


def only_store_speaks_sql(source: Source) -> Iterator[Breach]:
    for node, name in source.imports():
        library = name.split(".")[0]
        if library in SQL and source.part != "store":
            yield Breach(source.at(node), f"imports {library}: only store speaks SQL, so that an engine can be changed")


def judging_is_pure(source: Source) -> Iterator[Breach]:
    """Law and discipline: no SQL, no socket, no clock; discipline reads no file either."""
    if source.part not in {"law", "discipline"}:
        return
    banned = WORLD | SQL | (FILES if source.part == "discipline" else set())
    for node, name in source.imports():
        library = name.split(".")[0]
        if library in banned or name.startswith("eabsensi.clock"):
            yield Breach(
                source.at(node), f"imports {name}: a verdict depends on what was given, never on when or where"
            )
    for node in ast.walk(source.tree):
        if source.part == "discipline" and isinstance(node, ast.Call) and _called(node) == "open":
            yield Breach(source.at(node), "opens a file: discipline is given its values")


def only_drafting_asks_the_holidays_package(source: Source) -> Iterator[Breach]:
    """A library upgrade must not rewrite the past: a person confirms a draft, and what judges or reports never asks."""
    for node, name in source.imports():
        if name.split(".")[0] == "holidays" and source.name != "law.drafting":
            yield Breach(source.at(node), "imports holidays: only law.drafting does, for a draft that people confirm")
        if name.startswith("eabsensi.law.drafting") and source.part != "cli":
            yield Breach(source.at(node), "imports law.drafting: only cli does; what judges reads the confirmed file")


def only_the_clock_tells_time(source: Source) -> Iterator[Breach]:
    if source.name == "clock":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ".".join(_called(node).split(".")[-2:]) in WALL_CLOCK:
            yield Breach(
                source.at(node), f"asks {_called(node)}(): only eabsensi.clock tells wall-clock time, so tests can"
            )


def only_devices_know_pyzk(source: Source) -> Iterator[Breach]:
    for node, name in source.imports():
        if name.split(".")[0] == "zk" and source.part != "devices":
            yield Breach(source.at(node), "imports pyzk: only devices speaks to a terminal")


def one_module_knows_pyzk_private_names(sources: list[Source]) -> Iterator[Breach]:
    """Private names may change in any release; then one module is mended, and a test says so."""
    knowing = [source for source in sources if any(_private_names(source))]
    for source in knowing:
        if source.part != "devices" or len(knowing) > 1:
            first = next(_private_names(source))
            yield Breach(
                source.at(first), "names _ZK__…: one module of devices, and no other, knows pyzk's private names"
            )


def _private_names(source: Source) -> Iterator[ast.AST]:
    for node in ast.walk(source.tree):
        words = (getattr(node, "attr", None), getattr(node, "id", None), getattr(node, "name", None))
        constant = node.value if isinstance(node, ast.Constant) else None
        if any(isinstance(word, str) and word.startswith("_ZK__") for word in (*words, constant)):
            yield node


def failures_are_named(source: Source) -> Iterator[Breach]:
    """Nothing unexpected is swallowed.

    Tidying up and raising it again is no swallowing. A thread that hands its crash to the main one says so in a BLE001
    exemption, whose reason another rule wants.
    """
    broad = {"Exception", "BaseException"}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and not _raises_again(node) and not _is_exempt(source, node):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type else []
            if not caught or _names(caught) & broad:
                yield Breach(source.at(node), "swallows everything: name the failure that is expected, let a bug crash")
        elif isinstance(node, ast.Call) and _called(node).split(".")[-1] == "suppress" and _names(node.args) & broad:
            yield Breach(source.at(node), "suppresses everything: name the failure that is expected")


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    leaves = any(isinstance(node, ast.Return | ast.Break | ast.Continue) for node in ast.walk(handler))
    return isinstance(last, ast.Raise) and last.exc is None and not leaves


def _is_exempt(source: Source, handler: ast.ExceptHandler) -> bool:
    line = source.path.read_text(encoding="utf-8").splitlines()[handler.lineno - 1]
    return handler.type is not None and "noqa: BLE001" in line


def _names(nodes: list[ast.expr]) -> set[str]:
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def exemptions_have_reasons(source: Source) -> Iterator[Breach]:
    with source.path.open("rb") as lines:
        for token in tokenize.tokenize(lines.readline):
            found = PRAGMA.search(token.string) if token.type == tokenize.COMMENT else None
            if found and not re.search(r"[A-Za-z]{3}", found[2]):
                yield Breach(source.at(token.start[0]), f"'{found[0].strip()}' gives no reason on its line")


def words_say_something(source: Source) -> Iterator[Breach]:
    reason = "says nothing; take the word of docs/devnotes.md"
    if source.path.stem in BANNED_WORDS:
        yield Breach(source.at(1), f"a module named {source.path.stem} {reason}")
    for node in ast.walk(source.tree):
        name = node.arg if isinstance(node, ast.arg) else getattr(node, "name", None)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        if isinstance(name, str) and name.lower().strip("_") in BANNED_WORDS and not name.isupper():
            yield Breach(source.at(node), f"the name {name!r} {reason}")


def files_are_short(source: Source) -> Iterator[Breach]:
    lines = len(source.path.read_text(encoding="utf-8").splitlines())
    if lines > LONGEST_FILE:
        yield Breach(source.at(1), f"{lines} lines; at {LONGEST_FILE} a room wants a wall")


class FunctionSize(NamedTuple):
    """A function and its lines, from ``def`` to its end without its docstring."""

    lines: int
    where: str
    name: str


def function_sizes(sources: list[Source]) -> list[FunctionSize]:
    """Measure every function and method, the longest first."""
    sizes = [
        FunctionSize(_lines_without_docstring(node), source.at(node), node.name)
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return sorted(sizes, reverse=True)


def _lines_without_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node, clean=False) is None:
        return lines
    docstring = node.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def functions_are_small(sources: list[Source]) -> Iterator[Breach]:
    """Small on the whole: the median, and nearly all; a single long one may have its reason."""
    sizes = function_sizes(sources)
    if not sizes:
        return
    median = statistics.median(size.lines for size in sizes)
    if median > MEDIAN_FUNCTION:
        yield Breach("eabsensi", f"the median function has {median:g} lines; {MEDIAN_FUNCTION} is the house's measure")
    long = [size for size in sizes if size.lines > LONG_FUNCTION]
    if len(long) * 100 > len(sizes) * LONG_FUNCTIONS_PERCENT:
        worst = "; ".join(f"{size.where} {size.name} ({size.lines})" for size in long)
        yield Breach(
            "eabsensi", f"more than {LONG_FUNCTIONS_PERCENT} % of functions pass {LONG_FUNCTION} lines: {worst}"
        )


def parts_do_not_go_in_circles(sources: list[Source]) -> Iterator[Breach]:
    """Two parts that import each other are one part with a wall through its middle."""
    edges: dict[str, set[str]] = {}
    for source in sources:
        targets = {name.split(".")[1] for _, name in source.imports() if name.startswith("eabsensi.")}
        edges.setdefault(source.part, set()).update(targets - {source.part})
    for part in sorted(edges):
        if part in _reachable(part, edges):
            yield Breach(f"eabsensi/{part}", f"is imported, through others, by what it imports: {sorted(edges[part])}")


def _reachable(start: str, edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = list(edges.get(start, ()))
    while todo:
        part = todo.pop()
        if part not in seen:
            seen.add(part)
            todo.extend(edges.get(part, ()))
    return seen


def _called(node: ast.Call) -> str:
    """Give the dotted name that is called, e.g. ``datetime.datetime.now``, or ``""`` for anything else."""
    parts: list[str] = []
    target: ast.expr = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    return ".".join([target.id, *reversed(parts)]) if isinstance(target, ast.Name) else ""


MODULE_RULES: list[Callable[[Source], Iterator[Breach]]] = [
    dependencies_run_one_way,
    store_knows_only_values_of_devices,
    devices_do_not_know_the_simulator,
    only_store_speaks_sql,
    judging_is_pure,
    only_drafting_asks_the_holidays_package,
    only_the_clock_tells_time,
    only_devices_know_pyzk,
    failures_are_named,
    exemptions_have_reasons,
    words_say_something,
    files_are_short,
]
HOUSE_RULES: list[Callable[[list[Source]], Iterator[Breach]]] = [
    one_module_knows_pyzk_private_names,
    functions_are_small,
    parts_do_not_go_in_circles,
]


def breaches_of(rule: Callable[..., Iterator[Breach]], sources: list[Source]) -> list[Breach]:
    """Apply one rule, whether it reads a module or the whole house."""
    if rule in HOUSE_RULES:
        return list(rule(sources))
    return [breach for source in sources for breach in rule(source)]


def main() -> int:
    """Print the sizes and every breach; return 1 where there is one."""
    sources = read_package()
    sizes = function_sizes(sources)
    lines = [len(source.path.read_text(encoding="utf-8").splitlines()) for source in sources]
    print(f"{len(sources)} files, {sum(lines)} lines, the longest {max(lines, default=0)}")  # noqa: T201 - its output
    if sizes:
        ranked = sorted(size.lines for size in sizes)
        p95 = ranked[min(len(ranked) - 1, len(ranked) * 95 // 100)]
        print(f"{len(sizes)} functions: median {statistics.median(ranked):g} lines, 95 % {p95}, longest {ranked[-1]}")  # noqa: T201 - its output
    found = [breach for rule in (*MODULE_RULES, *HOUSE_RULES) for breach in breaches_of(rule, sources)]
    for breach in found:
        print(breach)  # noqa: T201 - its output
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
