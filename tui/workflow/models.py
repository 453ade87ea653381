"""What this machine has to draw with, in words: what each is, what fits, how it is chosen."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from tui.domain.lora import Lora
from tui.domain.text import as_sentence, clean
from tui.engine.hub_reference import hub_reference
from tui.engine.messages import ModelFacts
from tui.engine.model_messages import (
    Fetch,
    FetchState,
    Fit,
    Gpu,
    ListedModel,
    Models,
    Place,
    Role,
    Verdict,
)
from tui.store.paths import Home
from tui.store.settings import Settings
from tui.workflow.licences import licence
from tui.workflow.option_rows import for_model
from tui.workflow.options import Options
from tui.workflow.part_options import plus_lora, with_vae
from tui.workflow.workspace import Workspace

NOTHING = (
    "Nothing has these words. N downloads a model, LoRA or VAE from the hub by its id, such as "
    "owner/name; model_folders in config.toml names folders to look into."
)
_GOES_ON_TOP = "goes on a model"
_USE = {
    Role.LORA: "Goes on top of a model: enter adds it, o weighs it; --lora on the command line.",
    Role.VAE: "Takes the place of a model's own VAE: enter takes it; --vae on the command line.",
}
_LOGIN = "A gated model wants your own login: “hf auth login”, or HF_TOKEN in the environment."


def folders_of(settings: Settings, home: Home) -> tuple[str, ...]:
    """The folder of converted files, if it is there, and those of the settings, `~` expanded."""
    found = [str(home.models)] if home.models.is_dir() else []
    for folder in settings.model_folders:
        try:
            found.append(str(Path(folder).expanduser()))
        except RuntimeError:
            found.append(folder)  # no such user: said as any folder that is not there
    return tuple(found)


def matching(models: Models, words: str) -> tuple[ListedModel, ...]:
    """Those that have every word in their name, family, licence, precision, place or fit."""
    wanted = clean(words).casefold().split()

    def has_all(model: ListedModel) -> bool:
        told = (
            model.model,
            model.role.value,
            model.family,
            model.kind,
            model.licence,
            model.precision,
        )
        text = " ".join((*told, model.place.value, fit_words(model))).casefold()
        return all(word in text for word in wanted)

    return tuple(model for model in models.models if has_all(model))


def is_half_here(model: ListedModel) -> bool:
    """Whether a download would make a broken model of the hub's cache whole."""
    named = hub_reference(model.model) if model.place is Place.HUB and model.trouble else None
    return named is not None and not named.file


def choose(workspace: Workspace, facts: ModelFacts) -> None:
    """Make a model the open project's, with what is usual for it.

    Raises:
        StoreError: the disk refuses.
    """
    workspace.save_options(for_model(workspace.options, facts))


def choose_part(options: Options, part: ListedModel) -> Options:
    """The options with a LoRA more, of weight 1, or with another VAE.

    Raises:
        OptionError: it is among them already, or does not fit the model.
    """
    if part.role is Role.LORA:
        return plus_lora(options, Lora(part.model))
    return with_vae(options, part.model)


def chosen_words(part: ListedModel) -> str:
    """What is said once a LoRA or a VAE was chosen."""
    if part.role is Role.LORA:
        return f"This project draws with the LoRA {clean(part.name)} now, of weight 1: o weighs it."
    return f"This project draws with the VAE {clean(part.name)} now: o takes it away again."


def is_chosen(options: Options, model: ListedModel) -> bool:
    """Whether a project of these options draws with it."""
    loras = [lora.reference for lora in options.loras]
    return model.model in (options.model, options.vae, *loras)


def size_words(size: int) -> str:
    """`6.9 GB`, `420 MB`; `–` for nothing."""
    if size >= 10**9:
        return f"{size / 1e9:.1f} GB"
    return f"{max(1, round(size / 1e6))} MB" if size else "–"


def fit_words(model: ListedModel) -> str:
    """Whether it fits, in a word or three, for a row."""
    if model.converts:
        return "not a folder yet"
    if model.trouble:
        return "not usable"
    if model.role is not Role.MODEL:
        return _GOES_ON_TOP
    fit = model.fit
    if fit is None:
        return ""
    if fit.verdict is Verdict.TOO_LARGE:
        return f"needs {size_words(fit.needed)}"
    if fit.verdict is Verdict.OFFLOAD:
        return "with CPU offload"
    if fit.verdict is Verdict.UNKNOWN:
        return fit.verdict.value
    return "fits" if fit.at_once >= fit.wanted else f"fits, {fit.at_once} at once"


def fit_sentence(fit: Fit) -> str:
    """The estimate in full, with what to do where it is no plain yes."""
    there = f"{size_words(fit.free)} free on {clean(fit.device)}"
    needed = f"about {size_words(fit.needed)} needed in {fit.precision}"
    if fit.verdict is Verdict.UNKNOWN:
        return (
            f"May fit: {needed}, on {clean(fit.device)}: nvidia-smi -L names it. Keepers steps "
            "down by itself when memory runs out, and says so."
        )
    if fit.verdict is Verdict.TOO_LARGE:
        return f"Does not fit: {needed}, {there}: free some of it, or choose a smaller model."
    if fit.verdict is Verdict.OFFLOAD:
        return (
            f"Fits with CPU offload, a component at a time: {needed}, {there}. Keepers steps down "
            "to that by itself when memory runs out, and says so."
        )
    if fit.at_once < fit.wanted:
        return (
            f"Fits with {fit.at_once} of {fit.wanted} images at once: {needed}, {there}: "
            f"set batch_size = {fit.at_once} in config.toml."
        )
    return f"Fits: {needed}, {there}."


def told(model: ListedModel) -> tuple[str, ...]:
    """All that is known of a model, a line each; what is wrong with it comes first."""
    lines = []
    if model.trouble:
        lines.append(as_sentence(model.trouble, limit=500))
    elif model.role is not Role.MODEL:
        lines.append(_USE[model.role])
    if model.fit is not None:
        lines.append(fit_sentence(model.fit))
    revision = f", revision {model.revision[:12]}" if model.revision else ""
    variant = f", variant {model.variant}" if model.variant else ""
    side = f", {model.side} × {model.side}" if model.side else ""
    kind = f"{model.family}{side}, {model.precision or 'precision not known'}{variant}"
    lines.append(f"{kind}, {size_words(model.size)} on disk, {model.place.value}{revision}")
    lines.append(f"Licence  {_licence(model)}")
    if len(model.parts) > 1:
        lines.append("Parts  " + " · ".join(f"{p.name} {size_words(p.size)}" for p in model.parts))
    if model.place is not Place.BUILT_IN:  # where the program lies is of no interest
        lines.append(clean(model.folder, limit=300))
    return tuple(lines)


def _licence(model: ListedModel) -> str:
    if model.place is Place.BUILT_IN:
        return licence(model.model).says
    if model.licence == "unknown":
        return "not known here, read its model card"
    return f"its card says {model.licence}"


def gpu_lines(gpus: Iterable[Gpu]) -> tuple[str, ...]:
    """A line for each GPU, with who else holds memory of it."""
    lines = []
    for gpu in gpus:
        others = [user for user in gpu.users if not user.ours]
        held = ", ".join(
            f"{user.owner or 'somebody'} {size_words(user.memory) if user.memory else ''}".strip()
            for user in others[:4]
        )
        more = f" and {len(others) - 4} more" if len(others) > 4 else ""
        who = f": {held}{more}" if held else ""
        free = f"{size_words(gpu.free)} of {size_words(gpu.total)} free"
        room = free if gpu.total else "whose memory the driver does not tell"
        lines.append(f"GPU {gpu.index} {gpu.name}, {room}{who}")
    return tuple(lines)


def fetch_words(fetch: Fetch) -> str:
    """How far a download is, or how it ended."""
    if fetch.state is not FetchState.RUNNING:
        return clean(fetch.says, limit=800) or fetch.state.value
    if not fetch.total:
        return clean(fetch.says, limit=200) or "waiting"
    return f"{size_words(fetch.done)} of {size_words(fetch.total)}"


def fetch_ended(fetch: Fetch) -> str:
    """What is said wherever the person is when a download ends; empty while it runs."""
    if fetch.state is FetchState.DONE and fetch.converts:
        return f"The folder of {clean(Path(fetch.model).name)} is made: M shows it."
    if fetch.state is FetchState.DONE:
        return f"{clean(fetch.model)} is on this machine: M shows it."
    if fetch.state is FetchState.FAILED:
        return as_sentence(fetch.says, limit=800)
    return ""


def with_fetch(models: Models, fetch: Fetch) -> Models:
    """The list with a download as it is now; one that is done has become a model."""
    others = [each for each in models.fetches if each.model != fetch.model]
    if fetch.state is not FetchState.DONE:
        place = next((n for n, each in enumerate(models.fetches) if each.model == fetch.model), 0)
        others.insert(place, fetch)
    return msgspec.structs.replace(models, fetches=tuple(others))


def conversion_question(file: ListedModel) -> tuple[str, str]:
    """What is asked before a folder is made of a file, and what may be answered."""
    title = (
        f"Make a folder of {clean(file.name, limit=80)}? It takes {size_words(file.size)} more, "
        "and the file stays"
    )
    return title, (
        f"enter make it · or first the id or folder of a {file.family} model on this machine, "
        "for what the file lacks · esc leave"
    )


def advice(models: Models, row: ListedModel | Fetch | None) -> str:
    """What can be done now, or what could not be looked into."""
    if models.troubles:
        return as_sentence(models.troubles[0], limit=400)
    if isinstance(row, Fetch):
        if "gated" in row.says:
            return _LOGIN
        if row.state is not FetchState.RUNNING and row.converts:
            return "R asks again what the file lacks, and begins anew."
        if row.state is not FetchState.RUNNING:
            return "R goes on with it: what is here is not downloaded again."
    return ""
