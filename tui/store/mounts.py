"""Whether a folder lies on a disk that several machines share."""

import re
from pathlib import Path

_MOUNTS = Path("/proc/mounts")

_NETWORK = frozenset(
    """
    nfs nfs3 nfs4 cifs smb2 smb3 smbfs 9p virtiofs vboxsf prl_fs lustre gpfs beegfs ceph glusterfs
    afs coda ncp ncpfs orangefs pvfs2 panfs wekafs ocfs2 gfs2 davfs acfs
    fuse.sshfs fuse.glusterfs fuse.ceph fuse.ceph-fuse fuse.s3fs fuse.rclone fuse.gcsfuse
    fuse.juicefs fuse.goofys fuse.mount-s3 fuse.davfs fuse.davfs2 fuse.moosefs fuse.mfs
    fuse.lizardfs fuse.saunafs fuse.seaweedfs fuse.alluxio fuse.beegfs fuse.smbnetfs
    fuse.curlftpfs fuse.afs fuse.vmhgfs-fuse fuse.grpcfuse fuse.blobfuse fuse.blobfuse2
    """.split()  # noqa: SIM905 - words read better than sixty strings
)
"""File systems of /proc/mounts where shared memory and locks cannot be relied on."""


def is_network_file_system(path: Path, mounts: str | None = None) -> bool:
    """Whether the path, there or not, lies on a file system that other machines may share.

    Args:
        path: any path; links are followed.
        mounts: text in the form of /proc/mounts, by default that file's. Where there is no such
            file the answer is False.
    """
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text(errors="surrogateescape")
        except OSError:
            return False
    return _kind_at(path, mounts) in _NETWORK


def _kind_at(path: Path, mounts: str) -> str:
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):
        resolved = path.absolute()
    depth, kind = 0, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(_unescaped(fields[1]))
        # The later of two mounts on one point hides the earlier.
        if len(point.parts) >= depth and resolved.is_relative_to(point):
            depth, kind = len(point.parts), fields[2]
    return kind


def _unescaped(text: str) -> str:
    """The kernel writes space, tab, line feed and backslash as three octal digits."""
    return re.sub(r"\\([0-3][0-7]{2})", lambda match: chr(int(match[1], 8)), text)
