"""A tiny recipe from icons to a folder that diffusers loads; killed, it goes on where it was."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from tui.domain.prompt import LAYERS, Layers
from tui.starter.recipe import evaluate
from tui.starter.recipe import latents as latents_step
from tui.starter.recipe.artist import Artist, Ask
from tui.starter.recipe.autoencoder import train_autoencoder
from tui.starter.recipe.card import write_card
from tui.starter.recipe.command import main
from tui.starter.recipe.denoiser import noised, train_denoiser
from tui.starter.recipe.drawing import Studio
from tui.starter.recipe.evaluate import evaluate_model, read_vocabulary
from tui.starter.recipe.export import export_model
from tui.starter.recipe.figures import Figures
from tui.starter.recipe.latents import make_latents
from tui.starter.recipe.networks import begin
from tui.starter.recipe.notices import notices_for
from tui.starter.recipe.text_encoder import train_text_encoder
from tui.starter.recipe.tokenizer import ids_of, make_tokenizer
from tui.starter.recipe.training import trained
from tui.starter.recipe.work_folder import WorkFolder, find_machine

from .synthetic import SUBJECTS, TINY, make_work


def weights(work: WorkFolder, part: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    (file,) = part.glob("*.safetensors")
    return load_file(file)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> WorkFolder:
    """All steps from the tokenizer to the export, one after the other."""
    work = make_work(tmp_path_factory.mktemp("recipe") / "whole")
    make_tokenizer(work)
    train_autoencoder(work)
    make_latents(work)
    train_text_encoder(work)
    train_denoiser(work)
    export_model(work)
    return work


def test_a_killed_training_ends_as_if_it_had_not_been(
    made: WorkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path / "killed")
    command = [sys.executable, "-m", "tui.starter.recipe", "autoencoder", "--threads", "1"]
    process = subprocess.Popen(
        [*command, "--device", "cpu", "--work", str(work.folder)],
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    checkpoint = work.checkpoint("autoencoder")
    while not checkpoint.exists():
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    number, _minutes = trained(work, "autoencoder")
    assert 0 < number < TINY.autoencoder.steps
    assert not work.autoencoder.exists()
    draw, drawn = Studio.draw, []

    def counted(*given: Any) -> torch.Tensor:
        drawn.append(given)
        return draw(*given)

    monkeypatch.setattr(Studio, "draw", counted)
    train_autoencoder(work)
    assert len(drawn) == TINY.autoencoder.steps - number  # it did not begin anew
    assert trained(work, "autoencoder")[0] == TINY.autoencoder.steps
    once, twice = (weights(w, w.autoencoder) for w in (made, work))
    assert once.keys() == twice.keys()
    assert all(torch.equal(once[name], twice[name]) for name in once)


def test_latents_go_on_where_they_were(
    made: WorkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_work(tmp_path / "latents")
    for name in ("tokenizer", "autoencoder"):
        (work.folder / name).symlink_to(made.folder / name)
    calls = []

    def dying(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return ids_of(*given)

    monkeypatch.setattr(latents_step, "ids_of", dying)
    with pytest.raises(KeyboardInterrupt):
        make_latents(work)
    assert not work.latents.exists()
    make_latents(work)
    assert len(calls) == 6  # four batches of 64, the fifth twice
    for name in ("latents", "captions"):
        one, other = (np.load(getattr(w, name)) for w in (made, work))
        np.testing.assert_array_equal(one, other)
    assert work.pairs.read_text() == made.pairs.read_text()


def test_plain_diffusers_draws_with_what_comes_out(made: WorkFolder) -> None:
    model = made.release / "model"
    artist = Artist(model, find_machine("cpu"), TINY.size)
    asks = [Ask("ball, flat design, white background", seed, steps=2) for seed in (1, 2, 1)]
    one, other, again = artist.draw(asks)
    assert one.shape == (3, 64, 64)
    assert 0 <= float(one.min()) < float(one.max()) <= 1
    assert torch.allclose(one, again, atol=1e-5)
    assert not torch.allclose(one, other, atol=1e-3)
    pipeline = artist.pipeline
    assert pipeline.unet.config.in_channels == 4
    assert pipeline.scheduler.config.prediction_type == "v_prediction"
    spread = np.load(made.latents)[:].astype("f4").std()
    assert pipeline.vae.config.scaling_factor == pytest.approx(1 / spread, rel=1e-3)
    assert {f.suffix for f in model.rglob("*") if f.is_file()} == {".json", ".safetensors"}


def test_words_and_notices_lie_beside_the_weights(made: WorkFolder) -> None:
    vocabulary = read_vocabulary(made.release / "vocabulary.json")
    assert [s.subject for s in vocabulary.subjects] == sorted(SUBJECTS)
    assert vocabulary.subjects[0].styles == ("flat illustration", "black and white icon")
    assert (*vocabulary.order, "negatives") == LAYERS
    known = Layers(subject="ball thing and kite", style="flat vector art", detail="red background")
    assert vocabulary.unknown_words(known) == {}
    notices = (made.release / "NOTICES.md").read_text(encoding="utf-8")
    assert "Copyright (c) Microsoft Corporation" in notices
    assert "UNICODE LICENSE V3" in notices
    assert "Noto" not in notices  # no style of it was used
    whole = notices_for(("cartoon", "3d render"))
    assert "Copyright 2013 Google" in whole
    assert "END OF TERMS AND CONDITIONS" in whole


def test_a_model_is_judged_and_described(made: WorkFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "_SHEET", 8)
    model = made.release / "model"
    figures = evaluate_model(made, model, made.release, count=8)
    stored = msgspec.json.decode((made.release / "figures.json").read_bytes(), type=Figures)
    assert stored == figures
    assert figures.seen_before is not None  # its training captions are known
    assert figures.subject.pictures == 8
    assert figures.subject.top1 < 1  # nobody learns that in six steps
    assert len(figures.failures) == round((1 - figures.subject.top1) * 8)
    assert set(figures.by_guidance) == {"1", "2.5", "4", "7"}
    assert (made.release / "sheet.png").stat().st_size > 5_000
    write_card(made, model, made.release)
    card = (made.release / "CARD.md").read_text(encoding="utf-8")
    for said in (
        f"Measured on {figures.date} on {figures.machine}",
        f"the nearest of all icons of its style | {figures.subject.top1:.2f} |",
        "8 subjects with other words",
        "the denoiser, 0 minutes, 6 steps of 4",
        "| Fluent Emoji, Microsoft | flat illustration, black and white icon | MIT |",
    ):
        assert said in card
    assert "$" not in card


def test_training_begins_with_a_given_model(made: WorkFolder, tmp_path: Path) -> None:
    start = made.release / "model"
    work = make_work(tmp_path / "on", start=start)
    make_tokenizer(work)
    train_text_encoder(work)
    assert (work.tokenizer / "tokenizer.json").read_bytes() == (
        start / "tokenizer" / "tokenizer.json"
    ).read_bytes()
    for part, own in (("unet", made.denoiser / "unet"), ("vae", made.autoencoder)):
        begun = begin(work, part).state_dict()
        wanted = weights(made, own)
        assert all(torch.equal(begun[n], wanted[n].bfloat16().float()) for n in wanted)


def test_noise_and_velocity_lead_back() -> None:
    latents, noise = torch.randn(2, 3, 4, 4, 4)
    remains = torch.tensor([0.0, 0.3, 1.0])
    noisy, velocity = noised(latents, noise, remains)
    share = remains[:, None, None, None]
    torch.testing.assert_close(share.sqrt() * noisy - (1 - share).sqrt() * velocity, latents)
    torch.testing.assert_close(noisy[0], noise[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("denoiser", "--minutes", "denoiser=long"), "--minutes denoiser=long is not understood"),
        (("denoiser", "--minutes", "render=3"), "say autoencoder, text, denoiser"),
        (("tokenizer",), "do the step render first"),
        (("render",), "do the step fetch first"),
        (("latents", "--device", "cuda:77"), "is not here"),
        (("evaluate",), "do the step export first"),
        (("card",), "vocabulary"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(main, [*arguments, "--work", str(tmp_path)])
    assert done.exit_code == 1
    assert said in done.output
    assert done.output.strip().count("Error") == 1


def test_settings_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"width": 3}))
    done = CliRunner().invoke(main, ["tokenizer", "--work", str(tmp_path)])
    assert "unknown field `width`" in done.output
    assert "correct or remove it" in done.output
