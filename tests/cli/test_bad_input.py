"""Bad input of every kind: one sentence, exit code 2, nothing left behind."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import KEEPERS, QUICK, Keepers

GENERATE = ("generate", "--prompt", "x", *QUICK)

NUMBERS = {
    "guidance nan": (("--guidance", "nan"), "guidance is nan"),
    "guidance infinite": (("--guidance", "inf"), "guidance is inf"),
    "guidance negative": (("--guidance", "-1"), "guidance is -1"),
    "guidance words": (("--guidance", "much"), "'much' is not a valid float"),
    "seed negative": (("--seed", "-1"), "seed is -1"),
    "seed huge": (("--seed", str(2**63)), f"seed is {2**63}"),
    "seed endless": (("--seed", "9" * 6000), "not a valid integer"),
    "seed words": (("--seed", "\x1b[2J"), "not a valid integer"),
    "steps none": (("--steps", "0"), "steps are 0"),
    "steps negative": (("--steps", "-3"), "steps are -3"),
    "count none": (("--count", "0"), "count is 0"),
    "count negative": (("--count", "-1"), "count is -1"),
    "count huge": (("--count", str(10**9)), f"count is {10**9}"),
    "width none": (("--width", "0"), "width is 0"),
    "height none": (("--height", "0"), "height is 0"),
    "width negative": (("--width", "-8"), "width is -8"),
    "height huge": (("--height", str(10**9)), f"height is {10**9}"),
    "size odd": (("--width", "100", "--height", "100"), "choose 96 × 96"),
    "size too large": (("--width", "4096"), "draw at most 1024"),
}

WORDS = {
    "nothing to draw": (("generate",), "nothing to draw"),
    "only control characters": (("generate", "--prompt", "\x1b\x07"), "nothing to draw"),
    "prompt and subject": (("generate", "--prompt", "a", "--subject", "b"), "give one"),
    "prompt of 10,000": (("generate", "--prompt", "a" * 10_000), "--prompt has 10000"),
    "negatives of 10,000": (
        ("generate", "--prompt", "a", "--negatives", "a" * 10_000),
        "--negatives has 10000",
    ),
    "scheduler": ((*GENERATE, "--scheduler", "os.system\x1b[2J"), "is no scheduler"),
    "scheduler class": ((*GENERATE, "--scheduler", "EvilScheduler"), "EvilScheduler"),
    "no such command": (("paint",), "no such command 'paint'"),
    "control characters as a command": (("\x1b[2J",), "no such command"),
    "no such option": (("generate", "--nope"), "no such option '--nope'"),
    "no value": (("generate", "--steps"), "requires an argument"),
    "too much": ((*GENERATE, "more"), "unexpected extra argument"),
    "no image": (("inpaint",), "missing argument 'IMAGE'"),
    "no engine command": (("engine",), "missing command"),
    "no terminal": ((), "needs a terminal"),
}

MODELS: dict[str, tuple[str | bytes, str]] = {
    "missing": ("/no/such/model", "there is no model folder /no/such/model"),
    "empty": ("", "--model is empty"),
    "control characters": ("\x1b[2J", "cannot be shown"),
    "bytes": (b"\xff", "cannot be shown"),
    "name too long": ("a" * 5_000, "check the path"),
    "path too long": ("/a" * 3_000, "name is too long"),
    "nobody's home": ("~no-such-user-here/m", "check the path"),
    "markup": ("[/]", "there is no model"),
    "not a model": ("/", "model_index.json"),
    "a file": ("/etc/hostname", "is a file"),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_a_number_nobody_can_draw(untouched: Keepers, tmp_path: Path, case: str) -> None:
    options, says = NUMBERS[case]
    ran = untouched(*GENERATE, "--out", tmp_path / "out", *options)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.sentence
    assert len(ran.sentence) < 600
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("case", WORDS)
def test_words_that_say_nothing(untouched: Keepers, case: str) -> None:
    args, says = WORDS[case]
    ran = untouched(*args)
    lines = ran.err.splitlines()
    if case == "scheduler class":  # known only to the worker, which may have to be started
        ran = type(ran)(ran.code, ran.out, lines[-1])
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.sentence


@pytest.mark.parametrize("case", MODELS)
def test_a_model_that_cannot_be(untouched: Keepers, tmp_path: Path, case: str) -> None:
    model, says = MODELS[case]
    ran = untouched(*GENERATE, "--out", tmp_path / "out", "--model", model)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.sentence
    assert len(ran.sentence) < 1_200
    assert not (tmp_path / "out").exists()


def test_a_hub_id_without_a_network(untouched: Keepers, tmp_path: Path) -> None:
    ran = untouched(*GENERATE, "--out", tmp_path / "out", "--model", "nobody/nothing")
    *progress, sentence = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert all(line.startswith("looking for") for line in progress)
    assert sentence.startswith("keepers: nobody/nothing is not on this machine")
    assert not (tmp_path / "out").exists()


def _edited(file: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        content = json.loads((folder / file).read_text())
        change(content)
        (folder / file).unlink()
        (folder / file).write_text(json.dumps(content))

    return apply


def _cut(folder: Path) -> None:
    weights = next((folder / "vae").glob("*.safetensors"))
    content = weights.read_bytes()
    weights.unlink()
    weights.write_bytes(content[:-1000])


def _pickled(folder: Path) -> None:
    weights = next((folder / "unet").glob("*.safetensors"))
    weights.rename(weights.with_suffix(".bin"))


def _broken_index(folder: Path) -> None:
    (folder / "model_index.json").unlink()
    (folder / "model_index.json").write_text('{"a":')


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "no index": (lambda folder: (folder / "model_index.json").unlink(), "model_index.json"),
    "broken index": (_broken_index, "cannot be read"),
    "no part": (lambda folder: shutil.rmtree(folder / "text_encoder"), "text_encoder is missing"),
    "cut short": (_cut, "cut short"),
    "pickle": (_pickled, "pickle"),
    "code of its own": (
        _edited("model_index.json", lambda index: index.update(_class_name=["pipe", "Evil"])),
        "never runs",
    ),
    "foreign library": (
        _edited("model_index.json", lambda index: index.update(unet=["evil\x1b[2J", "Boom"])),
        "never runs",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_or_dangerous_model_folder(
    untouched: Keepers, starter: Path, tmp_path: Path, case: str
) -> None:
    breaking, says = BROKEN[case]
    folder = tmp_path / "model"
    # Links in place of copies: the weights are large.
    shutil.copytree(starter, folder, copy_function=os.symlink)
    breaking(folder)
    ran = untouched(*GENERATE, "--model", folder)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.sentence


def test_an_out_that_is_no_folder(untouched: Keepers, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    for out in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "loop", "/proc/x", ""):
        ran = untouched(*GENERATE, "--out", out)
        assert (ran.code, ran.out) == (2, "")
        assert "--out" in ran.sentence
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_was_there_stays_when_nothing_is_drawn(
    untouched: Keepers, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    assert untouched(*GENERATE, "--out", tmp_path / "out", "--model", "nobody/nothing").code == 2
    assert (tmp_path / "out").is_dir()


@pytest.mark.parametrize("root", ["/proc/x", "~no-such-user-here/x"])
def test_a_home_that_cannot_be(elsewhere: Keepers, root: str) -> None:
    ran = Keepers(Path(root), elsewhere.environ)(*GENERATE)
    assert (ran.code, ran.out) == (2, "")
    assert root.removesuffix("/x") in ran.sentence


@pytest.mark.parametrize("command", [GENERATE, ("engine", "run")], ids=["generate", "engine run"])
def test_a_home_that_cannot_be_used(elsewhere: Keepers, tmp_path: Path, command: Any) -> None:
    """A file in its place, settings nobody has, a database from elsewhere."""
    elsewhere.root.write_text("a file")
    assert "is a file" in elsewhere(*command).sentence
    elsewhere.root.unlink()
    (elsewhere.root / "config").mkdir(parents=True)
    (elsewhere.root / "config" / "config.toml").write_text('modle = "x\\u001b"')
    ran = elsewhere(*command)
    assert ran.code == 2
    assert 'did you mean "model"?' in ran.sentence
    (elsewhere.root / "config" / "config.toml").write_bytes(b"\x1b[2J=\x00")
    assert "config.toml" in elsewhere(*command).sentence
    (elsewhere.root / "config" / "config.toml").unlink()
    elsewhere.data.mkdir(parents=True, exist_ok=True)
    (elsewhere.data / "keepers.db").write_bytes(b"no database " * 500)
    ran = elsewhere(*command)
    assert ran.code == 2
    assert "is not a database" in ran.sentence
    assert (elsewhere.data / "keepers.db").read_bytes() == b"no database " * 500


@pytest.mark.parametrize("kind", ["somebody else's", "open to others", "a link", "a file"])
def test_a_socket_folder_that_is_not_private(elsewhere: Keepers, tmp_path: Path, kind: str) -> None:
    folder = elsewhere.socket_folder
    folder.mkdir(mode=0o700)
    try:
        if kind == "open to others":
            folder.chmod(0o755)
        else:
            folder.rmdir()
            if kind == "a file":
                folder.touch()
            elif kind == "somebody else's" and os.geteuid() == 0:
                folder.mkdir(mode=0o700)
                os.chown(folder, 65534, 65534)
            else:  # only root can make a folder somebody else's, but anybody a link to one
                folder.symlink_to("/usr" if kind == "somebody else's" else tmp_path)
        for command in (GENERATE, ("engine", "run")):
            ran = elsewhere(*command)
            assert (ran.code, ran.out) == (2, "")
            assert str(folder) in ran.sentence
        assert elsewhere.waiting() == 0
    finally:
        if folder.is_dir() and not folder.is_symlink():
            folder.rmdir()
        else:
            folder.unlink()


def _on_a_small_disk(keepers: Keepers, size: str, folder: Path, *args: str) -> Any:
    """Run the command where `folder` is a file system of that size, gone with the command."""
    folder.mkdir(exist_ok=True)
    script = 'mount -t tmpfs -o "$1" tmpfs "$2" && cd "$2" && shift 2 && exec "$0" "$@"'
    rights = ("--mount",) if os.geteuid() == 0 else ("--mount", "--map-root-user")
    return keepers.run(["unshare", *rights, "bash", "-c", script, KEEPERS, size, folder, *args])


def test_a_full_disk_under_out_leaves_no_half_copy_and_says_where_the_images_are(
    keepers: Keepers, batch: dict[str, Any], tmp_path: Path
) -> None:
    ran = _on_a_small_disk(
        keepers, "size=8k", tmp_path / "small", "generate", "--prompt", "full", *QUICK, "--out", "."
    )
    *_progress, sentence = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert "the disk is full" in sentence
    kept = Path(sentence.rpartition("the images are kept in ")[2])
    assert kept.is_relative_to(keepers.data)


def test_a_read_only_out(untouched: Keepers, tmp_path: Path) -> None:
    ran = _on_a_small_disk(untouched, "ro", tmp_path / "small", *GENERATE, "--out", ".")
    assert (ran.code, ran.out) == (2, "")
    assert "--out" in ran.sentence


@pytest.mark.parametrize("size", ["size=40k", "size=200k", "size=1m", "ro"])
def test_a_full_or_read_only_disk_under_the_home(
    elsewhere: Keepers, tmp_path: Path, size: str
) -> None:
    small = Keepers(tmp_path / "small", elsewhere.environ)
    ran = _on_a_small_disk(small, size, small.root, *GENERATE)
    assert (ran.code, ran.out) == (2, "")
    assert "read-only" in ran.sentence if size == "ro" else "full" in ran.sentence
    shutil.rmtree(small.socket_folder, ignore_errors=True)
