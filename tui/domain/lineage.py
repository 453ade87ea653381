"""The tree of images: what came from what, and how."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Origin(StrEnum):
    """How an image came about."""

    GENERATED = "generated"
    ITERATED = "iterated"
    INPAINTED = "inpainted"
    EDITED = "edited"
    IMPORTED = "imported"


class Node(msgspec.Struct, frozen=True):
    """One image and its parent; the first of a line has none."""

    id: str
    parent: str | None
    origin: Origin


class Lineage:
    """Walks over one project's images, whatever order they are given in."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes: dict[str, Node] = {node.id: node for node in nodes}
        self._children: dict[str | None, list[str]] = {}
        for node in self._nodes.values():
            known = node.parent if node.parent in self._nodes else None
            self._children.setdefault(known, []).append(node.id)

    def roots(self) -> list[str]:
        """Images without a known parent, in the order given."""
        return list(self._children.get(None, ()))

    def children(self, id: str) -> list[str]:
        """Images made from this one, in the order given."""
        return list(self._children.get(id, ()))

    def path(self, id: str) -> list[str]:
        """From the first ancestor to this image, both included.

        Raises:
            KeyError: no such image.
            ValueError: the line of parents runs in a circle.
        """
        line = [id]
        while (parent := self._nodes[line[-1]].parent) in self._nodes and parent is not None:
            if parent in line:
                raise ValueError(f"image {id} is its own ancestor")
            line.append(parent)
        return line[::-1]
