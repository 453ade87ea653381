"""Step 6: what a check finds in an image's file, looked for once and kept beside the project."""

import asyncio
from contextlib import suppress
from pathlib import Path

from tui.checks.answers import Check, CheckError, installed
from tui.checks.asking import LIMIT, ask
from tui.domain.found import Area, Findings
from tui.domain.versioned import to_json
from tui.store.errors import StoreError
from tui.store.files import make_private_folder, sha256_of, write_durably
from tui.store.images import ImageRecord
from tui.store.own_file import read_own
from tui.store.projects import project_folder
from tui.workflow.workspace import Workspace

_LARGEST = 1 << 20


async def see(
    workspace: Workspace, image: ImageRecord, check: Check, *, limit: float = LIMIT
) -> Findings:
    """What a check finds in an image: as it was found before by the same version, or anew.

    Args:
        workspace: with the image's project open.
        image: what is looked at.
        check: what for.
        limit: seconds after which it is given up.

    Raises:
        MissingError: what does the check is not installed.
        CheckError: the check failed, or the file is another one by now.
        StoreError: the image's file cannot be found, or read.
    """
    kept = await asyncio.to_thread(_kept, workspace, image, check)
    if kept is not None and installed(check) in ("", kept.tool):
        return kept
    file = workspace.file(image)
    if await asyncio.to_thread(sha256_of, file) != image.sha256:
        raise CheckError("the file was changed outside Keepers, put it back")
    found = await ask(check, file, limit=limit)
    findings = Findings(image.sha256, found.tool, found.areas)
    with suppress(OSError, StoreError):
        # What cannot be kept is looked for again.
        await asyncio.to_thread(_keep, _path(workspace, image, check), findings)
    return findings


def seen_areas(workspace: Workspace, image: ImageRecord) -> tuple[Area, ...]:
    """All that checks have found in an image so far, and what a person pointed at."""
    found = [kept for check in Check if (kept := _kept(workspace, image, check))]
    areas = [area for findings in found for area in findings.areas]
    with suppress(StoreError):
        sign_off = workspace.store.sign_offs.get(image.id)
        if sign_off is not None and sign_off.sha256 == image.sha256:
            areas += [item.area for item in sign_off.items if item.area is not None]
    return tuple(areas)


def _kept(workspace: Workspace, image: ImageRecord, check: Check) -> Findings | None:
    """None where nothing was found yet, or in another file than this."""
    try:
        kept = read_own(_path(workspace, image, check), Findings, "findings", _LARGEST)
    except StoreError:
        return None
    return kept if kept.sha256 == image.sha256 else None


def _keep(path: Path, findings: Findings) -> None:
    make_private_folder(path.parent)
    write_durably(path, to_json(findings).encode())


def _path(workspace: Workspace, image: ImageRecord, check: Check) -> Path:
    folder = project_folder(workspace.store.home, workspace.project)
    return folder / "checks" / f"{image.id}-{check.value}.json"
