from pathlib import Path

import pytest

from tui.store import mounts
from tui.store.database import Database
from tui.store.paths import is_network_file_system

MOUNTS = r"""/dev/sda1 / ext4 rw,relatime 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/sdb1 /home/scratch xfs rw 0 0
me@host: /mnt/with\040space fuse.sshfs rw 0 0
//nas/x /mnt/back\134slash cifs rw 0 0
tmpfs /over tmpfs rw 0 0
server:/over /over nfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/", False),
        ("/home", True),
        ("/home/me/.local/share/keepers", True),
        ("/homestead/me", False),
        ("/home/scratch/me", False),
        ("/mnt/with space/x", True),
        ("/mnt/with", False),
        ("/mnt/back\\slash/x", True),
        ("/over/x", True),
    ],
)
def test_the_longest_mount_point_decides(path: str, network: bool) -> None:
    assert is_network_file_system(Path(path), MOUNTS) is network


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "lustre", "ceph", "afs"])
def test_kinds_that_machines_share(kind: str) -> None:
    assert is_network_file_system(Path("/x/y"), f"a / ext4 rw 0 0\nb /x {kind} rw 0 0\n")


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/far/away")
    text = f"a / ext4 rw 0 0\nb /far nfs rw 0 0\nc {tmp_path} ext4 rw 0 0\n"
    assert is_network_file_system(tmp_path / "link" / "x", text)


def test_without_proc_the_disk_counts_as_local(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mounts, "_MOUNTS", tmp_path / "none")
    assert is_network_file_system(tmp_path) is False


@pytest.mark.parametrize(("network", "journal"), [(False, "wal"), (True, "delete")])
def test_the_journal_suits_the_disk(tmp_path: Path, network: bool, journal: str) -> None:
    with (
        Database(tmp_path / "a.db", network=network) as database,
        database.read() as connection,
    ):
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == journal
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA trusted_schema").fetchone()[0] == 0
        assert connection.execute("PRAGMA busy_timeout").fetchone()[0] == 10_000
