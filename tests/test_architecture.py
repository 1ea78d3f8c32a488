"""Rules that hold the whole together: who may import whom, who never brings torch, who alone names what."""

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOPS = ("core", "cache", "dashboard")

EVALUATION = ("core.evaluation.trust", "core.evaluation.benchmark")
CACHE = tuple(f"cache.{name}" for name in ("errors", "files", "pictures", "jobs", "results", "runs", "batches"))

# Lowest first: a package or module -> what of this project it may import, besides itself.
# A module belongs to the longest key that begins its name.
MAY_IMPORT: dict[str, set[str]] = {
    "core.errors": set(),
    "core.heatmap": set(),
    "core.import_path": set(),
    "core.temporary": {"core.errors"},
    "core.scenes": set(),
    "core.devices": {"core.errors"},
    "core.embedded": {"core.scenes"},
    "core.schema": {"core.errors", "core.heatmap"},
    "core.analysis": {"core.errors", "core.heatmap", "core.schema"},
    "core.models": {"core.devices", "core.embedded", "core.errors", "core.schema", "core.temporary"},
    "core.export": {"core.analysis", "core.errors", "core.heatmap", "core.models", "core.schema"},
    "core.memory": {"core.devices", "core.errors", "core.models", "core.schema"},
    "core.rendering": {"core.analysis", "core.errors", "core.schema", "core.temporary"},
    "core.inputs": {"core.errors", "core.memory", "core.models", "core.schema"},
    "core.explanation": {
        *("core.errors", "core.schema", "core.analysis", "core.rendering", "core.export", "core.inputs"),
    },
    "core.inference": {"core.errors", "core.inputs", "core.memory", "core.models", "core.schema"},
    **dict.fromkeys(
        ("core.interventions", "core.methods"),
        {
            *("core.errors", "core.schema", "core.analysis", "core.models", "core.memory", "core.inputs"),
            "core.inference",
        },
    ),
    "core.engine": {
        *("core.errors", "core.heatmap", "core.devices", "core.schema", "core.analysis", "core.models", "core.memory"),
        *("core.inputs", "core.inference", "core.interventions", "core.methods", "core.explanation"),
    },
    "core.distributed": {
        *("core.errors", "core.import_path", "core.temporary", "core.schema", "core.models", "core.memory"),
        *("core.inputs", "core.engine"),
    },
    "core.evaluation.trust": {
        *("core.errors", "core.heatmap", "core.schema", "core.analysis", "core.models", "core.memory", "core.inputs"),
        *("core.inference", "core.interventions", "core.methods", "core.engine"),
    },
    "core.evaluation.benchmark": {
        *("core.errors", "core.heatmap", "core.scenes", "core.schema", "core.analysis", "core.export", "core.models"),
        *("core.inputs", "core.inference", "core.engine", "core.evaluation.trust", "core.embedded", "core.temporary"),
    },
    "core.evaluation.datasets": {"core.errors", "core.schema", "core.scenes", "core.inputs", "core.export"},
    "core.evaluation.protocol": {
        *("core.errors", "core.heatmap", "core.schema", "core.analysis", "core.export", "core.models", "core.inputs"),
        *("core.inference", "core.engine", *EVALUATION, "core.evaluation.datasets"),
    },
    "core.gradcam": {"core.errors", "core.schema", "core.models", "core.rendering", "core.inputs", "core.engine"},
    "core.cli": {
        *("core.errors", "core.devices", "core.schema", "core.scenes", "core.analysis", "core.export"),
        *("core.rendering", "core.inputs", "core.engine", "core.evaluation.benchmark", "core.memory", "core.models"),
        *("core.interventions", "core.evaluation.protocol"),
    },
    "core": {
        *("core.errors", "core.schema", "core.analysis", "core.inputs", "core.models", "core.explanation"),
        *("core.engine", "core.gradcam", "core.cli"),
    },
    "cache.errors": {"core.errors"},
    "cache.files": {"cache.errors"},
    "cache.keys": {"core.schema"},
    "cache.pictures": {"core.errors", "cache.files"},
    "cache.jobs": {"cache.errors", "cache.files"},
    "cache.results": {"core.errors", "core.schema", "cache.errors", "cache.files", "cache.keys"},
    "cache.runs": {"core.errors", "core.schema", "cache.errors", "cache.files", "cache.keys", "cache.results"},
    "cache.batches": {"core.errors", "core.schema", "cache.errors", "cache.files", "cache.keys", "cache.runs"},
    "cache": {"cache.errors", "cache.keys", "cache.pictures", "cache.results", "cache.runs", "cache.jobs"},
    "dashboard.language": set(),
    "dashboard.traces": set(),
    "dashboard.logs": {"dashboard.traces"},
    "dashboard.memo": set(),
    "dashboard.layer_ranges": {"core.errors", "core.schema"},
    "dashboard.settings": {"core.errors", "core.models"},
    "dashboard.formatting": {"core.schema", "cache.results"},
    "dashboard.map_words": {"core.schema", "core.analysis"},
    "dashboard.storage": {
        *(*CACHE, "cache.keys", "core.errors", "core.evaluation.protocol", "core.memory", "core.models", "core.schema"),
        *("core.temporary", "dashboard.settings"),
    },
    "dashboard.charts": {
        *("core.schema", "core.analysis", "core.rendering", "core.interventions", "core.evaluation.trust"),
        "core.evaluation.protocol",
        *("dashboard.formatting", "dashboard.memo"),
    },
    "dashboard.jobs": {
        *("core.errors", "core.devices", "core.schema", "core.rendering", "core.models", "core.memory", "core.inputs"),
        *("core.analysis", "core.inference", "core.interventions", "core.methods", "core.engine", "core.distributed"),
        *("core.scenes", *EVALUATION),
        *("cache.errors", "cache.keys", "cache.jobs", "cache.results", "cache.runs"),
        *("dashboard.logs", "dashboard.settings", "dashboard.storage"),
    },
    "dashboard.batch": {
        *("core.errors", "core.schema", "core.analysis", "core.export", "core.models", "core.inputs"),
        *("cache.errors", "cache.keys", "cache.results", "cache.runs", "cache.batches"),
        *("dashboard.storage", "dashboard.jobs"),
    },
    "dashboard.loaded_run": {"core.schema", "cache.keys", "cache.runs", "dashboard.memo", "dashboard.jobs"},
    "dashboard.cli": {
        *("core.errors", "core.schema", "core.models", "core.memory", "core.inputs", "core.cli"),
        *(f"cache.{name}" for name in ("errors", "files", "pictures", "results", "runs", "batches")),
        *("dashboard.formatting", "dashboard.layer_ranges", "dashboard.settings"),
        *("dashboard.storage", "dashboard.jobs", "dashboard.batch"),
    },
    "dashboard.__main__": {"core.errors", "core.import_path", "dashboard.logs", "dashboard.settings", "dashboard.cli"},
    "dashboard.export": {
        *("core.errors", "core.schema", "core.export", "core.rendering", "core.models", "core.inputs"),
        *(
            "cache.errors",
            "cache.keys",
            "cache.results",
            "cache.runs",
            "dashboard.formatting",
            "dashboard.layer_ranges",
        ),
        *("dashboard.storage", "dashboard.jobs", "dashboard.loaded_run"),
    },
    "dashboard.session": {"core.errors", "cache.runs", "dashboard.storage", "dashboard.jobs", "dashboard.batch"},
    "dashboard.resources": {
        *("core.errors", "core.schema", "core.models", "cache.runs", "dashboard.settings"),
        *("dashboard.storage", "dashboard.jobs", "dashboard.batch", "dashboard.session"),
    },
    "dashboard.uploads": {"dashboard.session"},
    "dashboard.auth": {
        *("core.errors", "cache.runs", "dashboard.formatting", "dashboard.settings"),
        *("dashboard.storage", "dashboard.session", "dashboard.resources"),
    },
    "dashboard.services": {
        *("core.errors", "core.analysis", "core.export", "core.models", "core.schema", "core.interventions"),
        *("cache.errors", "cache.keys", "cache.jobs", "cache.runs", "cache.batches"),
        *("dashboard.formatting", "dashboard.jobs", "dashboard.loaded_run", "dashboard.export", "dashboard.session"),
        *("dashboard.resources", "dashboard.auth", "dashboard.storage"),
    },
    "dashboard.server": {
        *("cache.errors", "cache.files", "cache.jobs", "cache.results", "core.errors", "core.import_path"),
        *("core.temporary", "dashboard.jobs", "dashboard.logs", "dashboard.resources", "dashboard.session"),
        *("dashboard.settings", "dashboard.storage", "dashboard.uploads", "dashboard.api"),
    },
    "dashboard.Home": {"dashboard.auth", "dashboard.server", "dashboard.session", "dashboard.ui"},
    # What features of the pages share.
    "dashboard.ui": {
        *("core.errors", "core.schema", "core.export", "core.rendering", "core.inputs", "cache.runs"),
        *("dashboard.formatting", "dashboard.map_words", "dashboard.memo", "dashboard.jobs", "dashboard.loaded_run"),
        *("dashboard.resources", "dashboard.auth", "dashboard.session"),
    },
    "dashboard.ui.drawing": {"core.schema", "core.analysis", "core.rendering", "dashboard.memo"},
    "dashboard.ui.form": {
        *("core.errors", "core.schema", "core.models", "core.memory", "core.rendering", "core.inputs", "core.engine"),
        *("cache.errors", "cache.results", "cache.runs", "dashboard.formatting", "dashboard.layer_ranges"),
        *("dashboard.memo", "dashboard.settings", "dashboard.jobs", "dashboard.session", "dashboard.resources"),
        "dashboard.auth",
        *("dashboard.services", "dashboard.ui"),
    },
    "dashboard.ui.progress": {
        *("core.errors", "core.schema", "core.rendering", "cache.errors", "cache.keys", "cache.jobs", "cache.runs"),
        *("dashboard.formatting", "dashboard.charts", "dashboard.jobs", "dashboard.session", "dashboard.resources"),
        *("dashboard.auth", "dashboard.loaded_run", "dashboard.services", "dashboard.ui"),
    },
    "dashboard.ui.compare": {
        *("core.errors", "core.heatmap", "core.schema", "core.analysis", "core.export", "core.rendering"),
        *("cache.errors", "cache.runs", "dashboard.formatting", "dashboard.charts", "dashboard.loaded_run"),
        *("dashboard.export", "dashboard.session", "dashboard.auth", "dashboard.services", "dashboard.ui"),
        *("dashboard.jobs", "dashboard.ui.drawing", "dashboard.ui.progress"),
    },
    "dashboard.ui.viewer": {
        *("core.errors", "core.schema", "core.analysis", "core.export", "core.rendering", "core.interventions"),
        *(*EVALUATION, "core.evaluation.protocol"),
        *("dashboard.formatting", "dashboard.memo", "dashboard.charts", "dashboard.jobs", "dashboard.loaded_run"),
        *("dashboard.export", "dashboard.map_words", "dashboard.session", "dashboard.services", "dashboard.ui"),
        *("dashboard.ui.drawing", "dashboard.ui.progress"),
    },
    # The first page lets people play with a run.
    "dashboard.ui.home": {
        *("core.errors", "dashboard.formatting", "dashboard.jobs", "dashboard.loaded_run", "dashboard.resources"),
        *("dashboard.session", "dashboard.services", "dashboard.ui", "dashboard.ui.progress", "dashboard.ui.viewer"),
    },
    "dashboard.ui.batch": {
        *("core.errors", "core.export", "core.inputs", "cache.batches", "dashboard.formatting", "dashboard.charts"),
        *("dashboard.jobs", "dashboard.batch", "dashboard.session", "dashboard.resources", "dashboard.auth"),
        *("dashboard.services", "dashboard.ui", "dashboard.ui.progress"),
    },
    "dashboard.ui.history": {
        *("core.errors", "core.schema", "cache.results", "cache.runs", "dashboard.formatting"),
        *("dashboard.layer_ranges", "dashboard.charts", "dashboard.storage", "dashboard.jobs", "dashboard.loaded_run"),
        *("dashboard.export", "dashboard.session", "dashboard.resources", "dashboard.auth", "dashboard.services"),
        *("dashboard.ui", "dashboard.ui.form"),
    },
    "dashboard.ui.access_tokens": {
        *("dashboard.formatting", "dashboard.storage", "dashboard.session", "dashboard.auth"),
    },
    # What programs ask is put together by the form, and drawn by the viewer, as pages do it.
    "dashboard.api": {
        *("core.errors", "core.export", "core.inputs", "core.memory", "core.models", "core.rendering", "core.schema"),
        *("cache.errors", "cache.results", "cache.runs", "dashboard.formatting", "dashboard.jobs"),
        *("dashboard.loaded_run", "dashboard.session", "dashboard.uploads", "dashboard.resources", "dashboard.auth"),
        *("dashboard.services", "dashboard.ui.form", "dashboard.ui.viewer"),
    },
    "dashboard.app_pages": {
        *("core.errors", "core.schema", "core.models", "cache.errors", "cache.jobs", "cache.results", "cache.runs"),
        *("cache.batches", "dashboard.formatting", "dashboard.charts", "dashboard.storage", "dashboard.jobs"),
        *("dashboard.batch", "dashboard.loaded_run", "dashboard.session", "dashboard.resources", "dashboard.auth"),
        *("dashboard.services", "dashboard.ui"),
        *(f"dashboard.ui.{name}" for name in ("home", "form", "progress", "viewer", "compare", "batch", "history")),
        "dashboard.ui.access_tokens",
    },
    "dashboard": set(),
}

WITHOUT_TORCH = [
    "core.errors",
    "core.heatmap",
    "core.import_path",
    "core.temporary",
    "core.devices",
    "core.schema",
    "core.scenes",
    "core.analysis",
    "core.rendering",
    "core.export",
    "core.explanation",
    *(f"core.memory.{name}" for name in ("estimate", "forecast", "budget", "what_fits", "operations", "device_rate")),
    *(
        f"core.models.{name}"
        for name in ("adapter_base", "adapters", "checkpoints", "dimensions", "folders", "options")
    ),
    "core.models.visual_token_count",
    "core.models.quantisation.storage",
    *(f"core.models.{name}" for name in ("class_defaults", "configuration", "faults.quantisation")),
    "core.inputs.pictures",
    *(f"core.engine.{name}" for name in ("sampling", "moments", "early_stopping", "model_pool")),
    *(f"core.distributed.{name}" for name in ("cluster", "explainer")),
    *(f"core.interventions.{name}" for name in ("report", "removal", "fills", "blurring")),
    *(f"core.evaluation.trust.{name}" for name in ("report", "verdict")),
    *(f"core.evaluation.protocol.{name}" for name in ("figures", "published", "report", "table")),
    "core.evaluation.datasets",
    "cache",
    "dashboard",
]
WITHOUT_STREAMLIT = [
    "core",
    "cache",
    *(f"dashboard.{name}" for name in ("settings", "logs", "language", "formatting", "layer_ranges")),
    *(f"dashboard.{name}" for name in ("map_words", "memo")),
    "dashboard.loaded_run",
    *(f"dashboard.{name}" for name in ("storage", "jobs", "batch", "charts", "export", "cli")),
]

# Whatever of the dashboard says something may import it, on top of its line in the table.
LANGUAGE = "dashboard.language"

# Outside package -> those that alone may import it.
ONLY = {
    "distributed": {"core.distributed", "dashboard.jobs.worker_logging"},
    "diskcache": {"cache.results"},
}
# Where a new architecture is added, and nowhere else; the training builds one.
NAMES_INTERNALS = {"core.models.families", "core.embedded.training", "core.evaluation.benchmark.sinks"}
INTERNALS = re.compile(r"language_model|model\.visual|rope_deltas|get_rope_index|get_image_features|Qwen2_5_VL")


def name_of(path: Path) -> str:
    """A file -> the name under which it is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for top in TOPS for path in sorted((ROOT / top).rglob("*.py"))}


@functools.cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def imports_in(module: str, nodes: Iterable[ast.AST]) -> set[str]:
    """What statements import: modules of this project as the ones that define the names, others by their full names."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found |= {origin(node.module, alias.name) for alias in node.names}
    return found


@functools.cache
def imports_of(module: str) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """The import statements of a module, wherever in its text."""
    return tuple(node for node in ast.walk(tree_of(module)) if isinstance(node, ast.Import | ast.ImportFrom))


@functools.cache
def imported(module: str) -> frozenset[str]:
    """Everything that a module imports, wherever in its text."""
    return frozenset(imports_in(module, imports_of(module)))


@functools.cache
def imported_at_once(module: str) -> frozenset[str]:
    """What a module imports when it is itself imported: not inside functions, not for type checkers alone."""
    found, waiting = [], list(tree_of(module).body)
    while waiting:
        node = waiting.pop()
        is_for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if is_for_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        found.append(node)
        waiting += ast.iter_child_nodes(node)
    return frozenset(imports_in(module, found))


@functools.cache
def origin(package: str, name: str) -> str:
    """The module that defines what `from package import name` brings: packages only hand names on."""
    if f"{package}.{name}" in MODULES:
        return f"{package}.{name}"
    if package in MODULES and MODULES[package].name == "__init__.py":
        for node in imports_of(package):
            if isinstance(node, ast.ImportFrom) and name in {alias.asname or alias.name for alias in node.names}:
                return origin(node.module, name)
    return package


def package_of(module: str) -> str:
    """The key of the table that a module belongs to."""
    keys = [key for key in MAY_IMPORT if module == key or module.startswith(f"{key}.")]
    return max(keys, key=len)


def is_within(module: str, bases: Iterable[str]) -> bool:
    return any(module == base or module.startswith(f"{base}.") for base in bases)


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """Names along a circle of arrows, or none."""
    done: set[str] = set()

    def search(name: str, path: list[str]) -> list[str]:
        if name in path:
            return path[path.index(name) :] + [name]
        if name in done:
            return []
        done.add(name)
        return next((found for each in sorted(arrows.get(name, ())) if (found := search(each, [*path, name]))), [])

    return next((found for name in sorted(arrows) if (found := search(name, []))), [])


def reached(module: str) -> dict[str, str]:
    """Everything that is imported with a module -> the module that imports it; packages on the way are run, too."""
    found, waiting = {module: ""}, [module]
    while waiting:
        here = waiting.pop()
        for name in imported_at_once(here) if here in MODULES else ():
            parts = name.split(".")
            for each in (".".join(parts[: end + 1]) for end in range(len(parts))):
                if each not in found:
                    found[each] = here
                    waiting.append(each)
    return found


def route(found: dict[str, str], name: str) -> str:
    steps = [name]
    while found.get(steps[-1]):
        steps.append(found[steps[-1]])
    return " <- ".join(steps)


def test_there_is_something_to_look_at():
    assert len(MODULES) > 150 and all(top in MODULES for top in TOPS)


def test_the_table_has_no_circle_and_names_what_there_is():
    assert circle(MAY_IMPORT) == []
    known = {package for package, allowed in MAY_IMPORT.items() for package in (package, *allowed)}
    assert known <= MODULES.keys() and known == MAY_IMPORT.keys()


def test_the_other_rules_name_what_there_is():
    named = {*WITHOUT_TORCH, *WITHOUT_STREAMLIT, *NAMES_INTERNALS, *(user for users in ONLY.values() for user in users)}
    assert named - MODULES.keys() == set()


def test_every_folder_stands_in_the_table():
    # A folder of modules that it does not know would have the rights of what lies around it.
    folders = {module.rpartition(".")[0] for module, path in MODULES.items() if path.name != "__init__.py"}
    assert {
        folder for folder in folders - {*TOPS, "dashboard.ui"} if package_of(folder) in (*TOPS, "dashboard.ui")
    } == set()


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module):
    package = package_of(module)
    for name in imported(module) & MODULES.keys():
        other = package_of(name)
        may = (
            other == package or other in MAY_IMPORT[package] or (other == LANGUAGE and package.startswith("dashboard."))
        )
        assert may, f"{module} ({package}) imports {name} ({other})"


def test_the_table_allows_nothing_that_nobody_needs():
    used = {package: set() for package in MAY_IMPORT}
    for module in MODULES:
        used[package_of(module)] |= {package_of(name) for name in imported(module) & MODULES.keys()}
    spare = {package: allowed - used[package] for package, allowed in MAY_IMPORT.items()}
    assert {package: names for package, names in spare.items() if names} == {}


def test_no_modules_import_each_other_in_a_circle():
    # A package that hands on names of its own modules is not meant: who takes them from it is taken to them.
    arrows = {module: (imported(module) & MODULES.keys()) - {module} for module in MODULES}
    assert circle(arrows) == []


def test_circles_are_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


@pytest.mark.parametrize("module", [name for name in MODULES if is_within(name, WITHOUT_STREAMLIT)])
def test_no_streamlit_below_the_pages(module):
    found = reached(module)
    assert "streamlit" not in found, route(found, "streamlit")


@pytest.mark.parametrize("module", [name for name in MODULES if is_within(name, WITHOUT_TORCH)])
def test_no_torch_where_nothing_is_computed(module):
    found = reached(module)
    for heavy in ("torch", "transformers"):
        assert heavy not in found, route(found, heavy)


@pytest.mark.parametrize("outside", ONLY)
def test_who_alone_imports(outside):
    users = {module for module in MODULES if is_within(outside, {name.split(".")[0] for name in imported(module)})}
    assert users and [module for module in users if not is_within(module, ONLY[outside])] == []


def test_only_families_name_what_lies_inside_a_model():
    users = [module for module, path in MODULES.items() if INTERNALS.search(path.read_text("utf-8"))]
    assert users and [module for module in users if not is_within(module, NAMES_INTERNALS)] == []


@pytest.mark.parametrize("module", MODULES)
def test_nobody_takes_what_a_package_around_them_hands_on(module):
    # It is not ready yet while its modules are imported, so that the order of lines would decide what works.
    for node in imports_of(module):
        if isinstance(node, ast.ImportFrom) and is_within(module, {node.module}) and node.module != module:
            for alias in node.names:
                assert origin(node.module, alias.name) in (node.module, f"{node.module}.{alias.name}"), module


MOST_LINES, MOST_MODULES = 300, 20
"""Of a module, and of a package's own modules: more than these nobody reads, or finds anything in, at one sitting."""


def test_a_module_is_read_at_one_sitting():
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
    assert max(lines.values()) > MOST_LINES / 2  # they are counted


def test_a_package_is_seen_at_one_glance():
    modules = Counter(path.parent for path in MODULES.values() if path.name != "__init__.py")
    assert {str(folder): count for folder, count in modules.items() if count > MOST_MODULES} == {}
    assert max(modules.values()) > MOST_MODULES / 2  # they are counted


def test_csv_is_written_in_one_place():
    """Where every cell is made safe: whoever writes it elsewhere may forget one."""
    writes = re.compile(r"csv\.(?:writer|DictWriter)|from csv import|\.to_csv\(")
    users = {name for name, path in MODULES.items() if writes.search(path.read_text("utf-8"))}
    assert users == {"core.export.tables"}


def test_nothing_unsafe_is_called():
    unsafe = re.compile(
        r"pickle\.loads?\(|trust_remote_code=True|unsafe_allow_html=True|allow_pickle=True|(?<![.\w])(?:eval|exec)\("
    )
    assert [name for name, path in MODULES.items() if unsafe.search(path.read_text("utf-8"))] == []
