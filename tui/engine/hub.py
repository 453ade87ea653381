"""What the hub has: from the cache of this machine, else downloaded by a process of its own."""

import asyncio
from pathlib import Path

import msgspec

from tui.domain.lora import Lora
from tui.domain.text import clean
from tui.engine.hub_cache import snapshot_of
from tui.engine.hub_download import ONLY_MODEL
from tui.engine.hub_files import VARIANTS, WANTED
from tui.engine.hub_reference import hub_reference
from tui.engine.model_messages import Role
from tui.engine.models import ModelError, checked_place
from tui.engine.parts import found_lora, found_vae
from tui.engine.telling import Counts, Says, told_by
from tui.engine.worker_messages import ModelPlace


def cached_model(reference: str) -> ModelPlace | None:
    """The model of a hub id if all of it is on this machine.

    Raises:
        ModelError: it is here and cannot be used.
    """
    folder = whole_snapshot(reference)
    if folder is None:
        return None
    return checked_place(reference, folder, revision=folder.name)


def whole_snapshot(reference: str) -> Path | None:
    """The folder of a hub id in the cache, if nothing is known to be missing from it."""
    from huggingface_hub import snapshot_download

    model, _, revision = reference.partition("@")
    try:
        folder = snapshot_download(
            model,
            revision=revision or None,
            local_files_only=True,
            allow_patterns=WANTED,
            ignore_patterns=VARIANTS,
        )
    except (OSError, ValueError):
        return None
    path = Path(folder)
    return path if (path / "model_index.json").exists() else None


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """What a download brought."""

    role: Role
    reference: str
    """By which it is chosen."""
    folder: str
    """Absolute; for a LoRA, its file."""
    revision: str
    """Hub commit."""
    sha256: str = ""
    """Over a LoRA's file, as in recipes; empty for all else."""


async def downloaded_model(
    reference: str,
    says: Says,
    counts: Counts | None = None,
) -> ModelPlace:
    """Download a model; cancelling this coroutine ends the download, which goes on next time.

    Args:
        reference: `owner/name`, with `@revision` if wished.
        says: told in words what happens.
        counts: told how many bytes are here, and how many there will be.

    Raises:
        ModelError: unknown, no model, gated, no network, or no room.
    """
    await _download(reference, says, counts, ONLY_MODEL)
    found = await asyncio.to_thread(cached_model, reference)
    if found is None:
        raise _try_again(reference)
    return found


async def downloaded(
    reference: str,
    says: Says,
    counts: Counts | None = None,
) -> Arrived:
    """Download a model, a VAE or a LoRA, whatever it turns out to be; as `downloaded_model`.

    Args:
        reference: `owner/name`, with `@revision` and `/file` if wished.
        says: told in words what happens.
        counts: told how many bytes are here, and how many there will be.

    Raises:
        ModelError: as for a model, or there are several LoRAs to choose from.
    """
    role, what = await _download(reference, says, counts)
    return await asyncio.to_thread(_arrived, role, what)


def _arrived(role: Role, reference: str) -> Arrived:
    """What came, once it has passed the checks that it must pass to be drawn with."""
    asked = hub_reference(reference)
    snapshot = snapshot_of(asked) if asked else None
    if snapshot is None:
        raise _try_again(reference)
    folder, sha256 = str(snapshot), ""
    match role:
        case Role.LORA:
            lora = found_lora(Lora(reference))
            folder, sha256 = lora.path, lora.sha256
        case Role.VAE:
            folder = found_vae(reference, None).folder
        case Role.MODEL:
            if cached_model(reference) is None:
                raise _try_again(reference)
    return Arrived(
        role=role, reference=reference, folder=folder, revision=snapshot.name, sha256=sha256
    )


async def _download(
    reference: str,
    says: Says,
    counts: Counts | None,
    *more: str,
) -> tuple[Role, str]:
    """Run the process; what came, and the reference by which it is chosen."""
    says(f"looking for {reference} on the hub")
    ended = await told_by("tui.engine.hub_download", reference, *more, says=says, counts=counts)
    if ended.code == 0 and ended.holds:
        role, _, what = ended.holds.partition(" ")
        return Role(role), what
    raise ModelError(clean(ended.last, limit=800)) if ended.last else _try_again(reference)


def _try_again(reference: str) -> ModelError:
    return ModelError(f"{clean(reference, limit=300)} could not be downloaded: try again")
