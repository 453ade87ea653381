"""What is typed for something on the hub: a model, a VAE, or one LoRA's file of a repository."""

import re
from dataclasses import dataclass

_MODEL = re.compile(r"([A-Za-z0-9][\w.-]{0,95}/[\w.-]{1,96})(?:@([\w.-]+))?")
_LONGEST_FILE = 300


@dataclass(frozen=True)
class HubReference:
    """`owner/name`, with `@revision` and with `/file` if wished."""

    name: str
    """`owner/name`."""
    revision: str = ""
    """Branch, tag or commit; empty for the newest."""
    file: str = ""
    """A path inside the repository; empty for what the repository is as a whole."""

    @property
    def model(self) -> str:
        """Without the file."""
        return f"{self.name}@{self.revision}" if self.revision else self.name

    def __str__(self) -> str:
        return f"{self.model}/{self.file}" if self.file else self.model


def hub_reference(text: str) -> HubReference | None:
    """What a text names on the hub; None for a path, and for what leads elsewhere."""
    parts = text.split("/", 2)
    found = _MODEL.fullmatch("/".join(parts[:2]))
    if found is None or ".." in found[0]:
        return None
    file = parts[2] if len(parts) > 2 else ""
    if len(parts) > 2 and not _is_inside(file):
        return None
    return HubReference(found[1], found[2] or "", file)


def _is_inside(file: str) -> bool:
    """Whether it is a path that stays in its repository, and can be shown."""
    steps = file.split("/")
    return len(file) <= _LONGEST_FILE and file.isprintable() and not {"", ".", ".."} & set(steps)
