"""`keepers repair` as a person runs it."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.cli.helpers import KEEPERS, Keepers

ADD = """
from tui.store.paths import find_home
from tui.store.store import open_store
with open_store(find_home()) as store:
    store.write_sidecar(store.projects.add("A cat").id)
"""


def broken(keepers: Keepers) -> bytes:
    """A home with one project, and noise where its database was."""
    assert keepers.python(ADD).code == 0
    content = os.urandom(20_000)
    (keepers.data / "keepers.db").write_bytes(content)
    return content


def test_a_broken_database_leads_to_its_repair(elsewhere: Keepers) -> None:
    content = broken(elsewhere)
    assert "run “keepers repair”" in elsewhere("generate", "--subject", "a cat").sentence
    assert "keepers repair" in elsewhere("doctor").out
    looked = elsewhere("repair", "--dry-run")
    assert (looked.code, looked.err) == (1, "")
    assert "Nothing was changed" in looked.out
    assert (elsewhere.data / "keepers.db").read_bytes() == content
    found = elsewhere("repair", "--json").json
    assert (found["database"], found["rebuilt"], found["projects"]) == ("damaged", True, 1)
    assert Path(found["set_aside"]).read_bytes() == content
    again = elsewhere("repair")
    assert (again.code, again.err) == (0, "")
    assert again.out.splitlines()[-1] == "All is well."
    shutil.rmtree(elsewhere.root)


def test_an_engine_must_be_stopped_first(elsewhere: Keepers) -> None:
    process = subprocess.Popen([KEEPERS, "engine", "run"], env=elsewhere.env())
    while elsewhere("engine", "status").code != 0:
        assert process.poll() is None
    try:
        ran = elsewhere("repair", "--rebuild")
        assert ran.code == 2
        assert f"process {process.pid}" in ran.sentence
        assert "keepers engine stop" in ran.sentence
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    assert elsewhere("repair").code == 0
    shutil.rmtree(elsewhere.root)


def test_an_unused_home_needs_no_repair(elsewhere: Keepers) -> None:
    ran = elsewhere("repair")
    assert (ran.code, ran.err) == (0, "")
    assert "nothing to repair" in ran.out
    assert not elsewhere.root.exists()
