"""The icon packages, by npm."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tui.starter.recipe.errors import RecipeError

PACKAGES = {
    "@iconify-json/fluent-emoji-flat": "1.2.6",
    "@iconify-json/fluent-emoji-high-contrast": "1.2.6",
    "@iconify-json/noto": "1.2.9",
    "@lobehub/fluent-emoji-3d": "1.1.0",
    "emojibase-data": "17.0.0",
}
"""Each with the version that the notices name."""


def fetch_packages(folder: Path) -> None:
    """Install the packages into a folder; those that are there stay.

    Raises:
        RecipeError: npm is missing or fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise RecipeError("npm is not here: install Node.js, it fetches the icon packages")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    done = subprocess.run(
        [npm, "install", *quiet, "--prefix", str(folder), *wanted],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise RecipeError(f"npm could not fetch the icon packages ({last}): try again")


def read_package(folder: Path, name: str, file: str) -> Any:
    """A JSON file of a package.

    Raises:
        RecipeError: the package is not there.
    """
    try:
        path = package_folder(folder, name) / file
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RecipeError(
            f"the package {name} is not in {folder}: do the step fetch first"
        ) from error


def package_folder(folder: Path, name: str) -> Path:
    """Where npm puts a package."""
    return folder / "node_modules" / name
