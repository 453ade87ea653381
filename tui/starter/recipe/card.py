"""The model card: what is known of a model, from its files and its figures."""

import json
from collections import Counter
from pathlib import Path
from string import Template

import msgspec

from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.evaluate import fingerprint, read_vocabulary
from tui.starter.recipe.export import style_key
from tui.starter.recipe.figures import Figures
from tui.starter.recipe.notices import sources_of, write_notices
from tui.starter.recipe.training import trained
from tui.starter.recipe.work_folder import WorkFolder
from tui.starter.vocabulary import Vocabulary

_TEMPLATE = Path(__file__).with_name("card.md")
_LICENCES = {
    "Fluent Emoji": ("Fluent Emoji, Microsoft", "MIT"),
    "Noto Emoji": ("Noto Emoji, Google", "Apache-2.0"),
}
_WHY = {
    "empty": "nothing stands on the background",
    "unlike": "unlike every wanted icon",
    "style": "the subject in another style",
    "near": "among the nearest five only",
}
_GOOD = 0.7
"""A figure below it is said to be a weakness."""


def write_card(work: WorkFolder, model: Path, folder: Path) -> None:
    """Write `CARD.md` and `NOTICES.md` beside a model's figures.

    Args:
        work: Where it was trained, for saying how long.
        model: A diffusers folder with its `vocabulary.json` beside it.
        folder: Holds `figures.json`.

    Raises:
        RecipeError: one of them is not there, or the figures are of another model.
    """
    vocabulary = read_vocabulary(model.parent / "vocabulary.json")
    try:
        figures = msgspec.json.decode((folder / "figures.json").read_bytes(), type=Figures)
    except (OSError, msgspec.MsgspecError) as error:
        raise RecipeError(f"{folder} has no figures: do the step evaluate first") from error
    if figures.model != fingerprint(model):
        raise RecipeError(
            f"the figures in {folder} are another model's: do the step evaluate again"
        )
    words = {
        **_shape(model),
        **_known(vocabulary),
        **_measured(figures),
        "training": _training(work, own=model.parent == work.release),
        "sources": _sources(tuple(vocabulary.style)),
    }
    text = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(words)
    (folder / "CARD.md").write_text(text, encoding="utf-8")
    write_notices(folder / "NOTICES.md", tuple(vocabulary.style))


def _shape(model: Path) -> dict[str, str]:
    """What the model's own files say."""
    configs = {
        part: json.loads((model / part / "config.json").read_text(encoding="utf-8"))
        for part in ("unet", "vae", "text_encoder")
    }
    unet, text = configs["unet"], configs["text_encoder"]
    size = sum(file.stat().st_size for file in model.rglob("*") if file.is_file())
    return {
        "text_layers": str(text["num_hidden_layers"]),
        "text_width": str(text["hidden_size"]),
        "text_parameters": _parameters(model / "text_encoder"),
        "pieces": f"{text['vocab_size']:,}",
        "tokens": str(text["max_position_embeddings"]),
        "widths": ", ".join(map(str, unet["block_out_channels"])),
        "unet_parameters": _parameters(model / "unet"),
        "channels": str(unet["in_channels"]),
        "vae_parameters": _parameters(model / "vae"),
        "size": str(unet["sample_size"] * 8),
        "megabytes": f"{size / 1e6:.0f}",
    }


def _parameters(folder: Path) -> str:
    from safetensors import safe_open

    count = 0
    for file in folder.glob("*.safetensors"):
        with safe_open(file, "pt") as weights:
            for name in weights.keys():  # noqa: SIM118 - no mapping
                size = 1
                for side in weights.get_slice(name).get_shape():
                    size *= side
                count += size
    return f"{count / 1e6:.1f} million"


def _known(vocabulary: Vocabulary) -> dict[str, str]:
    return {
        "subjects": f"{len(vocabulary.subjects):,}",
        "style_count": str(len(vocabulary.style)),
        "styles": ", ".join(vocabulary.style),
        "composition_count": str(len(vocabulary.composition)),
        "colour_count": str(len(vocabulary.background)),
        "lights": ", ".join(vocabulary.light),
        "extras": ", ".join(vocabulary.extras),
        "defects": ", ".join(vocabulary.defects),
        "order": ", ".join(vocabulary.order),
    }


def _measured(figures: Figures) -> dict[str, str]:
    subject = figures.subject
    rows = {
        "the wanted subject is the nearest of all icons of its style": subject.top1,
        "it is among the nearest five": subject.top5,
        **{f"the same, {name} ({r.pictures})": r.top5 for name, r in figures.by_style.items()},
        "the wanted style is the nearest of the subject's styles": figures.style,
        "background colour right": figures.background,
        "place in the frame right": figures.place,
        f"a subject of half the size is the nearest ({figures.small.pictures})": figures.small.top1,
        "it is among the nearest five, too": figures.small.top5,
        "one of two subjects side by side is the nearest": figures.pair_one,
        "both are": figures.pair_both,
        **{f"top 5 at guidance {g}": r.top5 for g, r in figures.by_guidance.items()},
        "white backgrounds where the prompt names none": figures.white_asked_not,
        "the same with the negative `white background`": figures.white_refused,
    }
    lines = [f"| {name} | {value:.2f} |" for name, value in rows.items()]
    for effect in figures.defects:
        how = "contrast" if effect.defect == "low contrast" else "edges"
        said = f"×{effect.said:.2f} said, ×{effect.refused:.2f} as a negative"
        lines.append(f"| {how} with “{effect.defect}” | {said} |")
    lines.append(f"| a batch of 4 | {figures.speed.batch_of_4:.1f} s |")
    passes = figures.speed.batch_of_4 / figures.speed.unet_pass
    lines.append(f"| that, in bare UNet passes of two latents | {passes:.0f} |")
    reasons = Counter(failure.why for failure in figures.failures)
    listed = [f"{count} {_WHY[why]}" for why, count in reasons.most_common()]
    worst = [f"{k.kind} ({k.missed} of {k.asked})" for k in figures.kinds if k.missed][:6]
    weak = {
        # Nearest in pixels is not yet recognised by a person: colour and outline are enough for it.
        "Draw most subjects in detail: their colours and rough outlines come, not more.": (
            subject.top1
        ),
        "Draw its subjects so that one always recognises them.": subject.top5,
        "Keep to a style reliably.": figures.style,
        "Put subjects where they were asked to be, reliably.": figures.place,
        "Draw small subjects so that one always recognises them.": figures.small.top1,
        "Draw both of two subjects so that one recognises them.": figures.pair_both,
    }
    return {
        "date": figures.date,
        "machine": figures.machine,
        "precision": figures.precision,
        "steps": str(figures.steps),
        "guidance": f"{figures.guidance:g}",
        "held_out": _held_out(figures.seen_before),
        "figures": "\n".join(lines),
        "failure_count": str(len(figures.failures)),
        "asked": str(subject.pictures),
        "failures": "; ".join(listed) or "none",
        "kinds": ", ".join(worst) or "none",
        "weak": "".join(f"- {text}\n" for text, value in weak.items() if value < _GOOD),
    }


def _held_out(seen_before: float | None) -> str:
    if seen_before is None:
        return ""
    if seen_before == 0:
        return ", which no training caption has word for word"
    return f", of which training captions have {seen_before:.0%} word for word"


def _training(work: WorkFolder, *, own: bool) -> str:
    names = {
        "autoencoder": "the autoencoder",
        "text": "the text encoder",
        "denoiser": "the denoiser",
    }
    parts = []
    for step, name in names.items():
        steps, minutes = trained(work, step) if own else (0, 0.0)
        if steps:
            batch = getattr(work.settings, step).batch
            parts.append(f"{name}, {minutes:.0f} minutes, {steps:,} steps of {batch}")
    return (
        "; ".join(parts) or "the autoencoder, the text encoder, the denoiser with the text encoder"
    )


def _sources(styles: tuple[str, ...]) -> str:
    rows = []
    for source in sorted(sources_of(styles)):
        work, licence = _LICENCES[source]
        given = [style for style in styles if source in sources_of((style,)) and style_key(style)]
        rows.append(f"| {work} | {', '.join(given)} | {licence} |")
    return "\n".join(rows)
