"""What a model needs and what is not there, read from what the libraries say of it.

Of packages each of them says it in its own way, some at length, some not at all: by the name of the
package in a line for pip, by the name of a library, or by a module that cannot be imported.
"""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec

import diffusers
import torch
from diffusers.utils.import_utils import DummyObject, requires_backends

from tui.domain.text import clean

_INSTALL = re.compile(r"pip install (?:(?:-U|--upgrade) )?[\"']?([A-Za-z][\w.-]*)")
_LIBRARY = re.compile(r"requires (?:the )?([A-Za-z][\w.-]*)(?: library| >=)")
_PASSED = re.compile(r"^Pipeline .* expected (.*), but only (.*) were passed")
_BUILT_FOR_TORCH = "torchvision"
_CALLED = {
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "sklearn": "scikit-learn",
    "OmniGenMultiModalProcessor": _BUILT_FOR_TORCH,
}
"""Packages by their modules, and by what is made of them, where these are called otherwise."""


def missing_in_words(error: BaseException) -> str:
    """What a model needs, and how to get it; empty where that is not what went wrong."""
    package = next((found for each in _chain(error) if (found := _package(each))), "")
    if not package:
        return ""
    name = clean(package, limit=60)
    if _is_installed(package):
        what = f"cannot be drawn with the {name} that is installed: {_how(package, newer=True)}"
    else:
        what = f"needs the package {name}, which is not installed: {_how(package)}"
    return f"{what} where Keepers is installed, then “keepers engine stop”, and try again"


def lacking_in_words(error: BaseException) -> str:
    """Which components a model's folder does not have; empty where that is not what went wrong."""
    found = _PASSED.search(str(error))
    if found is None:
        return ""
    expected, passed = (re.findall(r"'(\w+)'", names) for names in found.groups())
    lacking = " and ".join(name for name in expected if name not in passed)
    return (
        f"comes without its {clean(lacking, limit=200)}: see on its page which model they are of, "
        "and save all of it as one folder with diffusers"
    )


def check_pipeline(class_name: str) -> None:
    """Refuse a pipeline of which diffusers has only the name, because a package is missing.

    Raises:
        ImportError: it says which.
    """
    found = getattr(diffusers, class_name, None)
    if isinstance(found, DummyObject):
        requires_backends(found, found._backends)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _package(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        module = error.name.partition(".")[0]
        return _CALLED.get(module, module)
    if isinstance(error, NameError):
        # Where diffusers only uses what is there, it uses it also where it is not.
        name = error.name or ""
        is_optional = name in _CALLED or hasattr(diffusers.utils, f"is_{name}_available")
        package = _CALLED.get(name, name)
        return package if is_optional and find_spec(package) is None else ""
    if isinstance(error, ImportError | ValueError | NotImplementedError):
        said = " ".join(str(error).split())
        found = _INSTALL.search(said) or _LIBRARY.search(said)
        return found[1].lower() if found else ""
    return ""


def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


def _how(package: str, *, newer: bool = False) -> str:
    """How it is installed."""
    if package != _BUILT_FOR_TORCH:
        return f"run “pip install {'--upgrade ' * newer}{package}”"
    version, _, build = torch.__version__.partition("+")
    if build and not build.startswith("cu"):
        # The usual one is for CUDA, and beside another torch nothing of diffusers could be read.
        return f"install its build for torch {torch.__version__}, from where that torch came,"
    # Each of its versions fits one of torch, and would bring another one with it.
    return f"run “pip install {package} torch=={version}”"
