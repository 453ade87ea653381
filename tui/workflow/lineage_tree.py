"""The tree of a project: rounds and their images, in lines that one can walk over.

A round that goes on from another stands below it at the same depth; rounds beside the way to the
keeper stand between the two, one step further in. So a story without branches is a plain list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tui.domain.candidate import Closeness
from tui.domain.lineage import Lineage, Node
from tui.domain.round import Round
from tui.domain.text import clean
from tui.store.leaves import Leaf, leaves
from tui.workflow.workspace import Workspace

_DEEPEST = 8
"""Steps in that are shown; what lies deeper has its depth as a number."""
MANY = 200
"""Lines beyond which only the rounds on the way to the keeper begin unfolded."""


@dataclass(frozen=True)
class Group:
    """The images that came about together: a round's, or one that was edited or imported."""

    id: str
    """Of the job, or of the single image."""
    number: str
    """Of the round as its log counts, or such as `e1`."""
    words: str
    """What changed, or how it came about."""
    parent: str | None
    """The image that it was made from."""
    images: tuple[Leaf, ...]
    round_id: str = ""
    verdict: str = ""

    @property
    def single(self) -> bool:
        """Whether it is one image without a round: it has a line less."""
        return not self.round_id and len(self.images) == 1


@dataclass(frozen=True)
class Line:
    """One line of the tree: a round, or one image of it."""

    group: Group
    depth: int
    image: Leaf | None = None


@dataclass(frozen=True)
class Tree:
    """A project's groups in the order in which they are shown, each with its depth."""

    groups: tuple[tuple[Group, int], ...]
    names: Mapping[str, str]
    """Of images by id: `3.2` is the second image of round 3."""
    path: frozenset[str]
    """Ids of the images from the first batch to what `goal` says."""
    goal: str
    """What the path leads to: the keeper, or the chosen image; empty without one."""
    placed: Mapping[str, Group] = field(default_factory=dict)
    """By image id."""

    def lines(self, folded: Iterable[str] = ()) -> list[Line]:
        """The lines that are seen while the images of some groups, by id, are folded away."""
        hidden = frozenset(folded)
        found: list[Line] = []
        for group, depth in self.groups:
            if not group.single:
                found.append(Line(group, depth))
            if group.single or group.id not in hidden:
                found += [Line(group, depth, image) for image in group.images]
        return found

    def first_folds(self) -> set[str]:
        """What is folded to begin with: in a big tree, all that is not on the path."""
        if sum(len(group.images) + 1 for group, _ in self.groups) <= MANY:
            return set()
        return {group.id for group, _ in self.groups if not self.on_path(Line(group, 0))}

    def on_path(self, line: Line) -> bool:
        """Whether a line lies on the way to the keeper."""
        images = (line.image,) if line.image is not None else line.group.images
        return any(image.id in self.path for image in images)

    def words(self, line: Line, *, folded: bool, here: str | None, marked: str | None) -> str:
        """A line as it is read.

        Args:
            line: of this tree.
            folded: whether its group's images are folded away.
            here: id of the image that is the parent now.
            marked: id of the image that is marked for comparing.
        """
        way = "┃" if self.on_path(line) else " "
        deep = line.depth > _DEEPEST
        inset = "  " * min(line.depth, _DEEPEST) + (f"‥{line.depth} " if deep else "")
        if line.image is None:
            return f"{way}{inset}{self._heading(line.group, folded)}"
        image = line.image
        said = [self.names[image.id]]
        if line.group.single:
            said.append(line.group.words + self._origin(line.group))
        if image.seed is not None:
            said.append(f"seed {image.seed}")
        said += [_CLOSENESS[image.closeness]] if image.closeness in _CLOSENESS else []
        said += ["keeper"] if image.kept else []
        said += ["◆ parent now"] if image.id == here else []
        said += ["● marked"] if image.id == marked else []
        return f"{way}{inset}{'' if line.group.single else '    '}{'  '.join(said)}"

    def _heading(self, group: Group, folded: bool) -> str:
        verdict = _VERDICTS.get(group.verdict, "")
        said = f"{group.number} {verdict}{group.words}{self._origin(group)}"
        number = len(group.images)
        if folded:
            said += f" · {number} image{'' if number == 1 else 's'}"
        return f"{'▸' if folded else '▾'} {said}{'' if number else ' · no new image'}"

    def _origin(self, group: Group) -> str:
        name = self.names.get(group.parent or "")
        return f" · from {name}" if name else ""


def tree_of(workspace: Workspace) -> Tree:
    """The tree of the open project, as it is stored.

    Raises:
        StoreError: the database cannot be read.
    """
    store, project, position = workspace.store, workspace.project, workspace.position
    images = leaves(store.database, project.id)
    return build(
        images, store.rounds.list(project.id), chosen=position.image_id or position.parent_id
    )


def build(images: Sequence[Leaf], rounds: Sequence[Round], chosen: str | None = None) -> Tree:
    """The tree of these images and rounds, both oldest first."""
    groups = _groups(images, rounds)
    placed = {image.id: group for group in groups for image in group.images}
    names = {
        image.id: group.number if group.single else f"{group.number}.{place}"
        for group in groups
        for place, image in enumerate(group.images, 1)
    }
    keepers = [image.id for image in images if image.kept]
    goal = "keeper" if keepers else "chosen image" if chosen in placed else ""
    path = _path(images, keepers or ([chosen] if chosen in placed and chosen else []))
    return Tree(_ordered(groups, placed, path), names, path, goal, placed)


def _groups(images: Sequence[Leaf], rounds: Sequence[Round]) -> list[Group]:
    by_job: dict[str, list[Leaf]] = {}
    for image in images:
        by_job.setdefault(image.job_id or image.id, []).append(image)
    found: dict[str, tuple[float, Group]] = {}
    for number, round_ in enumerate(rounds, 1):
        made = tuple(by_job.pop(round_.job_id, ()))
        if round_.job_id in found and not made:
            continue
        words = clean("; ".join(map(str, round_.changes)), limit=200) or str(round_.kind)
        if round_.changes and round_.kind.value in ("rewrite", "more"):
            words = f"{round_.kind}: {words}"
        parent = round_.parent_image_id
        group = Group(
            round_.job_id, str(number), words, parent, made, round_.id, round_.verdict.value
        )
        found[round_.job_id] = round_.created, group
    rest: dict[str, int] = {}
    for key, alone in by_job.items():
        origin = alone[0].origin
        letter = origin.value[0]
        rest[letter] = rest.get(letter, 0) + 1
        name = f"{letter}{rest[letter]}"
        group = Group(key, name, origin.value, alone[0].parent_id, tuple(alone))
        found[key] = alone[0].created, group
    return [group for _, group in sorted(found.values(), key=lambda pair: pair[0])]


def _path(images: Iterable[Leaf], goals: Iterable[str]) -> frozenset[str]:
    lineage = Lineage(Node(image.id, image.parent_id, image.origin) for image in images)
    found: set[str] = set()
    for goal in goals:
        try:
            found.update(lineage.path(goal))
        except ValueError:
            # A circle, from a damaged database: what is on it is still shown.
            found.add(goal)
    return frozenset(found)


def _ordered(
    groups: Sequence[Group], placed: Mapping[str, Group], path: frozenset[str]
) -> tuple[tuple[Group, int], ...]:
    """Depth first without recursion, since a line of thousands of edits is no error."""
    below: dict[str, list[Group]] = {}
    roots: list[Group] = []
    for group in groups:
        above = placed.get(group.parent or "")
        if above is None or above is group:
            roots.append(group)
        else:
            below.setdefault(above.id, []).append(group)
    found: list[tuple[Group, int]] = []
    seen: set[str] = set()
    # Those in a circle hang from no root; they come last, and only as far as not seen before.
    for root in (*roots, *groups):
        waiting = [(root, 0)]
        while waiting:
            group, depth = waiting.pop()
            if group.id in seen:
                continue
            seen.add(group.id)
            found.append((group, depth))
            next_ones = below.get(group.id, [])
            trunk = next((g for g in next_ones if _leads(g, path)), None) or (
                next_ones[-1] if next_ones else None
            )
            if trunk is not None:
                waiting.append((trunk, depth))
            waiting += [(g, depth + 1) for g in reversed(next_ones) if g is not trunk]
    return tuple(found)


def _leads(group: Group, path: frozenset[str]) -> bool:
    return any(image.id in path for image in group.images)


_CLOSENESS = {Closeness.CLOSEST: "★ closest", Closeness.REJECTED: "✗ rejected"}
_VERDICTS = {"better": "+ ", "same": "= ", "worse": "- "}
"""As the keys that give them."""
