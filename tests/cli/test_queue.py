"""The queue from the command line: paused, listed, resumed."""

import subprocess
import time

from tests.cli.helpers import KEEPERS, LAYERS, QUICK, Keepers


def test_a_paused_queue_is_listed_and_resumed(keepers: Keepers) -> None:
    assert keepers("engine", "pause").out == "paused\n"
    process = subprocess.Popen(
        [KEEPERS, "generate", *LAYERS, *QUICK, "--seed", "4711"],
        env=keepers.env(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while keepers.waiting() == 0:
            assert process.poll() is None
            time.sleep(0.05)
        found = keepers("engine", "status")
        assert "1 waiting; the queue is paused: “keepers engine resume” lets it go on" in found.out
        assert "  1. " in found.out
        assert ": a red cat, 1 image, 2 steps, 128 × 128, starter" in found.out
        assert keepers("engine", "status", "--json").json["paused"]
    finally:
        assert keepers("engine", "resume").out == "resumed\n"
    _out, err = process.communicate(timeout=180)
    assert process.returncode == 0
    assert "the queue is paused" in err
    assert not keepers("engine", "status", "--json").json["paused"]
