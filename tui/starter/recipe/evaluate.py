"""The step that judges a model: figures, picture sheet and golden set, in files."""

import hashlib
import time
from pathlib import Path

import msgspec
import torch

from tui.starter.recipe.artist import STEPS, Artist, Remembering
from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.evaluation import Evaluation
from tui.starter.recipe.export import style_key
from tui.starter.recipe.figures import Figures, Speed
from tui.starter.recipe.golden import write_golden
from tui.starter.recipe.icons import Icons
from tui.starter.recipe.progress import say
from tui.starter.recipe.references import References
from tui.starter.recipe.sheet import write_sheet
from tui.starter.recipe.tokenizer import load_tokenizer
from tui.starter.recipe.trials import Seen
from tui.starter.recipe.work_folder import WorkFolder
from tui.starter.vocabulary import Vocabulary

_SHEET = 64


def evaluate_model(work: WorkFolder, model: Path, results: Path, count: int) -> Figures:
    """Judge a diffusers folder that has its `vocabulary.json` beside it.

    Args:
        work: Whose icons are the references; if it made the model, what that was trained with.
        model: The folder.
        results: Where `figures.json`, `sheet.png`, `golden.json` and `golden.png` go.
        count: Pictures of the largest part.

    Raises:
        RecipeError: the model, its vocabulary or the icons are not there.
    """
    size, machine = work.settings.size, work.machine
    artist = Artist(model, machine, size)
    references = References(_known(work, model), size)
    mark = fingerprint(model)
    remembering = Remembering(artist, work.folder / "drawn" / mark)
    evaluation = Evaluation(remembering, references, _seen(work, model), count)
    figures = evaluation.figures(
        model=mark,
        machine=machine.name,
        precision="bfloat16" if machine.bfloat16 else "float32",
        speed=measured_speed(artist),
    )
    results.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(figures), indent=1) + b"\n"
    (results / "figures.json").write_bytes(text)
    _sheet(evaluation, remembering, references, results / "sheet.png")
    write_golden(results, references, remembering, date=figures.date, machine=machine.name)
    subject = figures.subject
    say(
        f"subject top 1 {subject.top1:.2f}, top 5 {subject.top5:.2f}; style {figures.style:.2f}; "
        f"background {figures.background:.2f}; place {figures.place:.2f}: {results}"
    )
    return figures


def fingerprint(model: Path) -> str:
    """The first digits of the SHA-256 of a model's UNet.

    Raises:
        RecipeError: it has none.
    """
    files = sorted((model / "unet").glob("*.safetensors"))
    if not files:
        raise RecipeError(f"there is no UNet in {model}: give a Stable Diffusion folder")
    with files[0].open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def measured_speed(artist: Artist) -> Speed:
    """Seconds of one bare UNet pass and of a batch of 4; each the best of three."""
    unet, encoder = artist.pipeline.unet, artist.pipeline.text_encoder
    grid = unet.config.sample_size
    shape = (2, unet.config.in_channels, grid, grid)
    noise = torch.zeros(shape, dtype=unet.dtype, device=unet.device)
    tokens = encoder.config.max_position_embeddings
    states = torch.zeros(
        2, tokens, unet.config.cross_attention_dim, dtype=unet.dtype, device=unet.device
    )
    times, batches = [], []
    with torch.inference_mode():
        for _ in range(3):
            began = time.perf_counter()
            unet(noise, 500, states).sample.float().cpu()
            times.append(time.perf_counter() - began)
            began = time.perf_counter()
            artist.pipeline(
                ["robot"] * 4,
                num_inference_steps=STEPS,
                height=grid * 8,
                width=grid * 8,
                output_type="np",
            )
            batches.append(time.perf_counter() - began)
    return Speed(round(min(times), 4), round(min(batches), 3))


def read_vocabulary(file: Path) -> Vocabulary:
    """The words of a model.

    Raises:
        RecipeError: the file is not there, or no vocabulary.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Vocabulary)
    except (OSError, msgspec.MsgspecError) as error:
        raise RecipeError(f"{file} is no vocabulary ({error}): it goes with the model") from error


def _known(work: WorkFolder, model: Path) -> Icons:
    """The icons that a model was shown, by its vocabulary."""
    vocabulary = read_vocabulary(model.parent / "vocabulary.json")
    keys = {style: style_key(style) for style in vocabulary.style}
    wanted = {(s.subject, keys[style]) for s in vocabulary.subjects for style in s.styles}
    return work.icons().chosen(wanted)


def _seen(work: WorkFolder, model: Path) -> Seen:
    """What this recipe trained the model with, if it is the one that did."""
    if model.resolve() != (work.release / "model").resolve():
        return Seen()
    tokenizer = load_tokenizer(model / "tokenizer", work.settings.tokens)
    return Seen(tokenizer, work.captions, work.pairs)


def _sheet(evaluation: Evaluation, artist: Remembering, references: References, file: Path) -> None:
    half = _SHEET // 2
    trials = evaluation.trials
    shown = [*trials.centred(half, "sheet"), *trials.placed(_SHEET - half)]
    pictures = artist.draw([trial.ask() for trial in shown])
    icons = references.studio.draw([trial.scene for trial in shown])
    write_sheet(file, pictures, icons, [trial.scene.caption for trial in shown])
