"""The hub's cache, laid out on disk as its library lays it out."""

import hashlib
import shutil
from pathlib import Path


def lay_out(cache: Path, model: str, source: Path, commit: str, *refs: str) -> Path:
    """Put a model folder into a cache: blobs, a snapshot of links to them, and refs to it."""
    folder = cache / f"models--{model.replace('/', '--')}"
    snapshot = folder / "snapshots" / commit
    (folder / "blobs").mkdir(parents=True, exist_ok=True)
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        name = file.relative_to(source)
        # Large files go by what they hold, small ones by git's names.
        digest = hashlib.sha256 if file.suffix == ".safetensors" else hashlib.sha1
        blob = folder / "blobs" / digest(file.read_bytes()).hexdigest()
        shutil.copy(file, blob)
        link = snapshot / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(Path("../" * (len(name.parts) + 1)) / "blobs" / blob.name)
    for ref in refs:
        (folder / "refs").mkdir(exist_ok=True)
        (folder / "refs" / ref).write_text(commit)
    return snapshot
