"""What a repository on the hub is, by the files that it lists, and which of them are downloaded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tui.domain.lora import SUFFIX
from tui.domain.text import clean
from tui.engine.hub_files import HubFile, is_wanted, unwanted_variants
from tui.engine.hub_parts import CONFIG, is_autoencoder, named, several, single_files_among
from tui.engine.hub_reference import HubReference, hub_reference
from tui.engine.lora_header import Shapes, check_lora
from tui.engine.model_messages import Role
from tui.engine.models import PICKLES, ModelError

_CARD = "README.md"
_AUTOENCODER = "diffusion_pytorch_model"
"""How diffusers names the weights of a component that is alone in its folder."""


@dataclass(frozen=True)
class Choice:
    """What a download brings."""

    role: Role
    reference: str
    """By which it is chosen once it is here."""
    files: tuple[HubFile, ...]


@dataclass(frozen=True)
class Repository:
    """A repository on the hub, of which two things can be asked before it is downloaded."""

    reference: HubReference
    files: tuple[HubFile, ...]
    class_name: Callable[[], str]
    """The class that its configuration names; empty for none."""
    shapes: Callable[[str], Shapes]
    """The tensors of one of its safetensors files."""

    @property
    def names(self) -> list[str]:
        """Of its files."""
        return [file.name for file in self.files]


def chosen(repository: Repository, *, only_model: bool = False) -> Choice:
    """What to download of a repository.

    Args:
        repository: which.
        only_model: whether nothing but a whole model will do.

    Raises:
        ModelError: nothing in it can be used, or it must be said which of several.
    """
    reference, names = repository.reference, repository.names
    if reference.file:
        return _lora(repository, reference.file)
    if "model_index.json" in names:
        unwanted = unwanted_variants(names)
        return _choice(Role.MODEL, repository, (n for n in names if is_wanted(n, unwanted)))
    if only_model:
        raise ModelError(
            f"{reference} holds no diffusers model: choose another id, or, if it is a LoRA or a "
            f"VAE, get it with “keepers models fetch {reference}”"
        )
    top = [name for name in names if "/" not in name]
    weights = [name for name in top if name.startswith(_AUTOENCODER) and name.endswith(SUFFIX)]
    kind = repository.class_name() if CONFIG in names else ""
    if weights and is_autoencoder(kind):
        unwanted = unwanted_variants(weights)
        beside = [name for name in top if name.startswith(_AUTOENCODER) and name.endswith(".json")]
        kept = [name for name in weights if name not in unwanted]
        return _choice(Role.VAE, repository, (CONFIG, *beside, *kept))
    single = single_files_among(names)
    if len(single) > 1:
        raise ModelError(several(reference, single))
    if single:
        return _lora(repository, single[0])
    raise ModelError(f"{reference} {_nothing(names, kind)}")


def check_reference(text: str) -> None:
    """Refuse what the hub cannot have, and files that are never downloaded, whatever is in them.

    Raises:
        ModelError: no id, a pickle, or no weights.
    """
    reference, shown = hub_reference(text), clean(text, limit=300)
    if reference is None:
        raise ModelError(
            "this is no id of a model on the hub: give owner/name, with @revision if you wish, or "
            f"owner/name/file{SUFFIX} for one LoRA of several"
        )
    if reference.file.lower().endswith(PICKLES):
        raise ModelError(
            f"{shown} is a pickle file, which can run code when it is read: give a {SUFFIX} file, "
            "which most repositories have beside it"
        )
    if reference.file and not reference.file.lower().endswith(SUFFIX):
        raise ModelError(f"{shown} is no file of a LoRA: give one that ends in {SUFFIX}")


def _lora(repository: Repository, name: str) -> Choice:
    reference = repository.reference
    if name not in repository.names:
        there = named(single_files_among(repository.names)) or "none"
        raise ModelError(
            f"{reference.model} has no file {clean(name, limit=200)}: give one that it has, of "
            f"those that may be a LoRA there are {there}"
        )
    # A header is some kilobytes, and a whole model that somebody took for a LoRA is gigabytes.
    check_lora(clean(f"{reference.model}/{name}", limit=300), repository.shapes(name))
    return _choice(Role.LORA, repository, (name,), name)


def _choice(role: Role, repository: Repository, names: Iterable[str], file: str = "") -> Choice:
    wanted = {*names, _CARD}
    reference = repository.reference
    return Choice(
        role,
        str(HubReference(reference.name, reference.revision, file)),
        tuple(each for each in repository.files if each.name in wanted),
    )


def _nothing(names: list[str], kind: str) -> str:
    """Why nothing of a repository can be used, and what would do."""
    if any(name.lower().endswith(PICKLES) for name in names) and not any(
        name.endswith(SUFFIX) for name in names
    ):
        return (
            "has its weights only as pickle files, which can run code when they are read: choose "
            "a repository with safetensors"
        )
    what = f"a {clean(kind, limit=80)}, and no" if kind else "no"
    return f"holds {what} diffusers model, LoRA or VAE: choose another id"
