"""No module imports itself by way of others: not at its top, not for a type checker, not inside a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
Graph = Mapping[str, frozenset[str]]


def sources(package: Path) -> dict[str, Path]:
    """The modules of a package by their dotted names; a package itself goes by its own."""
    named = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


def imports(package: Path) -> Graph:
    """Every module, and the modules of the same package that any line of it imports."""
    modules = sources(package)
    return {name: frozenset(imported(name, path, modules)) for name, path in modules.items()}


def imported(name: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """`from package import submodule` imports the submodule; the package only where another name of it is taken."""
    room = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            above = room.split(".")[: len(room.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                if whole in modules:
                    yield whole
                elif base in modules:
                    yield base


def circles(graph: Graph) -> list[list[str]]:
    """The strongly connected components of more than one module, and modules that import themselves (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            at = stack.index(name)
            component = sorted(stack[at:])
            del stack[at:]
            if len(component) > 1 or name in graph[name]:
                found.append(component)

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return sorted(found)


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circles(imports(ROOT / "ralph")) == []


def test_a_circle_is_found_wherever_its_imports_stand(tmp_path: Path) -> None:
    package = tmp_path / "house"
    rooms = {
        "__init__": "",
        "at_top": "from house import for_types\n",
        "for_types": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.in_function import Name\n",
        "in_function": "def late() -> None:\n    import house.at_top\n",
        "beside": "from . import at_top\n",
        "wing/__init__": "from house.wing.room import NAME\n",
        "wing/room": "from house.wing import other\nNAME = 1\n",
        "wing/other": "",
        "tower/__init__": "from .room import NAME\n",
        "tower/room": "from house.tower import THING\n",
    }
    for name, text in rooms.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert circles(imports(package)) == [
        ["house.at_top", "house.for_types", "house.in_function"],
        ["house.tower", "house.tower.room"],
    ]
