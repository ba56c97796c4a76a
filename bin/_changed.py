"""Which tests a change touches, for `bin/test --changed`."""

import ast
import pathlib
import subprocess
import sys

from _bootstrap import ROOT, stop

sys.path.append(str(ROOT))
from tests.imports import FOLDERS, imports_of, module_of, modules_of, tree_of  # noqa: E402

# A change of one of these may be a change for every test.
ALL_DEPEND_ON = (
    *("kefu/settings.py", "kefu/environment.py", "accounts/models/", "chat/models/"),
    *("accounts/migrations/", "chat/migrations/", "requirements", "pytest.ini", "manage.py"),
    *("tests/conftest.py", "tests/plugins/", "bin/_", "bin/test"),
)
PAGES = "tests/browser"
# What pages are made of: no import leads from these to the tests.
SEEN_ON_PAGES = (
    *("templates/", "static/", "locale/", "chat/views/", "chat/sockets/", "chat/protocol/"),
    *("chat/templatetags/", "accounts/views.py", "accounts/forms.py", "kefu/views.py"),
)
READ_BY_NODE = ("static/js/", "static/css/", "tests/js/", "README", "requirements/npm/")
SERVED = ("templates/", "locale/", "kefu/", "chat/urls.py", "accounts/urls.py")
SERVED += ("accounts/middleware.py",)


def changed_files(revision="HEAD", root=ROOT):
    """Return the files that differ from a commit, also new and deleted ones, relative to `root`."""
    differ = ["diff", "--name-only", "--no-renames", "-z", revision, "--"]
    new = ["ls-files", "--others", "--exclude-standard", "-z"]
    return sorted({name for words in (differ, new) for name in git(root, *words) if name})


def git(root, *words):
    """Return what a command of git prints, split at NUL."""
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)
    if done.returncode != 0:
        stop(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout.split("\0")


def touched(files):
    """Return the test files and folders that a change of `files` touches, and whether it touches
    the tests of the JavaScript."""
    javascript = any(name.startswith(READ_BY_NODE) for name in files)
    if any(name.startswith(ALL_DEPEND_ON) for name in files):
        return ["tests"], True
    code = Code(files)
    paths = set()
    for name in files:
        found = code.tests_of(name)
        if not found and not name.endswith(".md") and not name.startswith("tests/js/"):
            return ["tests"], True
        paths |= found
    return without_nested(paths), javascript


def without_nested(paths):
    """Leave out what lies in another of the paths: pytest runs nothing twice."""
    return sorted(
        path
        for path in paths
        if not any(str(folder) in paths for folder in pathlib.PurePath(path).parents)
    )


class Code:
    """The project's modules, and which of them import which. `files` may be deleted ones: imports
    of those count as well."""

    def __init__(self, files):
        python = [ROOT / name for name in files if name.endswith(".py")]
        self.modules = modules_of(*FOLDERS) | {module_of(path): path for path in python}
        self.importers = {}
        self.texts = {}
        for module, path in self.modules.items():
            if path.exists():
                for name in with_packages(imports_of(path, self.modules)):
                    self.importers.setdefault(name, set()).add(module)
                self.texts[module] = strings_of(path)

    def tests_of(self, name):
        """Return the test files and folders that a change of one file touches."""
        paths = set()
        if name.endswith(".py"):
            module = module_of(ROOT / name)
            paths |= self.importing_tests(module) | folder_of_tests(name)
            if name.startswith("tests/") and name.endswith("/conftest.py"):
                paths.add(name.rpartition("/")[0])
        if name.startswith(SEEN_ON_PAGES):
            paths.add(PAGES)
        if name.startswith(SERVED):
            paths |= {PAGES, "tests/accounts", "tests/chat", "tests/kefu"}
        return paths | self.naming_tests(name)

    def importing_tests(self, module):
        """Return the test files that import a module, themselves or by other modules.

        What the fixtures and helpers of the tests import of the product does not count: by them
        nearly every test imports nearly everything.
        """
        seen, todo = set(), [module]
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            of_tests = name.startswith("tests.")
            for importer in self.importers.get(name, ()):
                if of_tests or not importer.startswith("tests.") or is_test(importer):
                    todo.append(importer)
        return {self.path_of(name) for name in seen if is_test(name) and self.exists(name)}

    def naming_tests(self, name):
        """Return the test files in whose strings the file, its folder or its module is named, and
        those that use a helper which does so."""
        words = {name, pathlib.PurePath(name).name, name.partition("/")[0]} - set(FOLDERS)
        words -= {"__init__.py", "conftest.py", "static", "templates", "locale"}
        module = module_of(ROOT / name) if name.endswith(".py") else None
        found = set()
        for other, strings in self.texts.items():
            if not other.startswith("tests."):
                continue
            by_name = words & strings or any(text.endswith("/" + name) for text in strings)
            by_module = module and any(
                text == module or text.startswith((f"{module}:", f"{module}.")) for text in strings
            )
            if by_name or by_module:
                found |= self.importing_tests(other)
        return found

    def exists(self, module):
        return self.modules[module].exists()

    def path_of(self, module):
        return str(self.modules[module].relative_to(ROOT))


def with_packages(names):
    """Add the packages that modules stand in: their __init__.py is imported, too."""
    return {
        ".".join(parts[:count])
        for parts in (name.split(".") for name in names)
        for count in range(1, len(parts) + 1)
    }


def strings_of(path):
    """Return the strings in a file."""
    nodes = ast.walk(tree_of(path))
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def is_test(module):
    return module.startswith("tests.") and module.rpartition(".")[2].startswith("test_")


def folder_of_tests(name):
    """Return the folder of a module's tests: tests/chat/posting for chat/posting/batches.py."""
    folder = pathlib.PurePath("tests") / pathlib.PurePath(name).parent
    if name.startswith("tests/") or not (ROOT / folder).is_dir():
        return set()
    return {str(folder)}
