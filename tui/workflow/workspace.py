"""The open project: what is typed, chosen and made, always on disk.

One workspace serves all screens. It knows nothing of an interface: screens read from it, tell it
what a person did, and draw it again.
"""

import threading
from pathlib import Path
from typing import Any

import msgspec

from tui.domain.brief import Brief
from tui.domain.candidate import Marks
from tui.domain.intent import Intent
from tui.domain.prompt import Layers
from tui.domain.text import clean
from tui.domain.versioned import to_json
from tui.store.errors import NotFoundError, StoreError
from tui.store.images import ImageRecord
from tui.store.positions import Position
from tui.store.projects import LONGEST_NAME, Project
from tui.store.settings import Settings
from tui.store.store import Store
from tui.workflow.options import Options, read_options


class NoProjectError(RuntimeError):
    """A defect: a screen of a project was opened without one."""


class Workspace:
    """The open project and everything a step needs to know of it."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self._project: Project | None = None
        self._unsaved: dict[str, dict[str, Any]] = {}
        """What was typed and is not on disk yet, by project."""
        self._memory, self._writing = threading.Lock(), threading.Lock()

    @property
    def project(self) -> Project:
        """The open project, as it is stored."""
        if self._project is None:
            raise NoProjectError
        return self._project

    @property
    def is_open(self) -> bool:
        """Whether a project is open."""
        return self._project is not None

    def open(self, project_id: str) -> Project:
        """Open a project.

        Raises:
            NotFoundError: there is none.
        """
        project = self.store.projects.get(project_id)
        self._project = msgspec.structs.replace(project, **self._unsaved.get(project_id, {}))
        return self._project

    def create(self, name: str = "Untitled") -> Project:
        """A new project, opened."""
        self._project = self.store.projects.add(name)
        return self._project

    def close(self) -> None:
        """Have no project open."""
        self._project = None

    # What is typed

    def save_brief(self, brief: Brief) -> None:
        """Keep the brief; the project is called after its purpose until somebody names it.

        Raises:
            StoreError: the disk refuses. What was typed stays here, and goes along next time.
        """
        self.note(brief=brief)
        self.write()

    def save_draft(self, layers: Layers) -> None:
        """Keep the layers. Raises like `save_brief`."""
        self.note(draft=layers)
        self.write()

    def note(self, *, brief: Brief | None = None, draft: Layers | None = None) -> None:
        """Take what was typed as it is from now on, for every screen; `write` puts it on disk."""
        fields: dict[str, Any] = {}
        if brief is not None:
            fields["brief"] = brief.cleaned()
            if name := clean(brief.purpose, limit=LONGEST_NAME):
                fields["name"] = name
        if draft is not None:
            fields["draft"] = draft.cleaned()
        with self._memory:
            project = self.project
            self._unsaved[project.id] = self._unsaved.get(project.id, {}) | fields
            self._project = msgspec.structs.replace(project, **fields)

    def write(self) -> None:
        """Put on disk what was noted, in whichever project; from any thread.

        Raises:
            StoreError: the disk refuses; what was noted is kept for the next time.
        """
        failed: StoreError | None = None
        with self._writing:
            for project_id, fields in list(self._unsaved.items()):
                try:
                    self.store.projects.update(project_id, **fields)
                except StoreError as error:
                    failed = error
                    continue
                with self._memory:
                    # What was typed meanwhile is another value, and waits for its own turn.
                    newer = self._unsaved.pop(project_id, {})
                    if left := {k: v for k, v in newer.items() if v is not fields.get(k)}:
                        self._unsaved[project_id] = left
        if failed is not None:
            raise failed

    @property
    def unsaved(self) -> bool:
        """Whether something that was typed is not on disk."""
        return bool(self._unsaved)

    def forget_unsaved(self, project_id: str) -> None:
        """Drop what was noted of a project that is gone."""
        with self._memory:
            self._unsaved.pop(project_id, None)

    # Where the person is

    @property
    def position(self) -> Position:
        """Step, batch, chosen image and parent of the open project."""
        return self.store.positions.get(self.project.id)

    def go(self, step: int) -> None:
        """Remember the step, from 1 to 7."""
        self.store.positions.update(self.project.id, step=step)

    def choose(self, image_id: str | None) -> None:
        """The image that is worked on from here."""
        self.store.positions.update(self.project.id, image_id=image_id)

    @property
    def options(self) -> Options:
        """The options of the open project."""
        return read_options(self.position.options, Options(model=self.settings.model))

    def save_options(self, options: Options) -> None:
        """Keep the options."""
        self.store.positions.update(self.project.id, options=to_json(options))

    # What was made

    def images(self) -> tuple[ImageRecord, ...]:
        """All images of the project, oldest first."""
        return self.store.images.list(self.project.id)

    def chosen(self) -> ImageRecord | None:
        """The image that is worked on, if it is still there."""
        return self._image(self.position.image_id)

    def parent(self) -> ImageRecord | None:
        """The image that the iteration starts from, if one was chosen."""
        return self._image(self.position.parent_id)

    def file(self, image: ImageRecord) -> Path:
        """Where an image's file is."""
        return self.store.images.file(image)

    def marks(self, image: ImageRecord) -> Marks:
        """What was said of an image."""
        return self.store.marks.get(image.id)

    def mark(self, image: ImageRecord, marks: Marks) -> None:
        """Say something of an image."""
        self.store.marks.update(image.id, marks)

    def intent(self) -> Intent:
        """The wish that draft and options make now, for the first seed."""
        options = self.options
        intent = Intent(
            model=options.model,
            layers=self.project.draft,
            seed=options.seed,
            steps=options.steps,
            guidance=options.guidance,
            width=options.width,
            height=options.height,
            scheduler=options.scheduler,
        )
        intent = intent.with_step_cache(options.step_cache)
        intent = intent.with_distilled(options.distilled_guidance)
        return intent.with_parts(options.loras, options.vae).cleaned()

    def take_from(self, intent: Intent) -> None:
        """Make draft and options those of an intent, to go on from it."""
        self.save_draft(intent.layers)
        self.save_options(self.options.taken_from(intent))

    def _image(self, image_id: str | None) -> ImageRecord | None:
        if image_id is None:
            return None
        try:
            return self.store.images.get(image_id)
        except NotFoundError:
            return None
