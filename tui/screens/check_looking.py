"""Looking for the check's sake: evidence as it comes in, and a close look at each place."""

import asyncio
from collections.abc import Mapping

from textual import work

from tui.checks.answers import Check as Looks
from tui.checks.answers import CheckError
from tui.domain.found import Area, Findings
from tui.domain.text import clean
from tui.screens.zooming import ZoomScreen
from tui.store.errors import StoreError
from tui.workflow.checking import Check, point_at
from tui.workflow.evidence import WHOLE, Evidence, Facts, evidence
from tui.workflow.fixing import areas_to_fix, place_in_words, places_of
from tui.workflow.seeing import see
from tui.workflow.seen_evidence import with_seen

_DOING = {Looks.FACES: "looking for faces …", Looks.TEXT: "reading the text …"}
"""The checks in their order, the quick one first, and what is said meanwhile."""


class LookingScreen(ZoomScreen):
    """A screen with the check of one picture: what is known of it, and where to look."""

    def __init__(self) -> None:
        super().__init__()
        self._check: Check | None = None
        self._evidence: Mapping[str, Evidence] = {}
        self._current = ""
        self._trouble = ""
        self._doing = "measuring …"
        self._looked: tuple[str, int] | None = None
        """The item, and which of its places was looked at last."""

    def show_all(self) -> None:
        """For screens: show what is known now."""

    def show_current(self) -> None:
        """For screens: show what is known of the item under the cursor."""

    def take(self, check: Check) -> None:
        """Go on with what was stored."""
        self._check, self._trouble = check, ""
        self.show_all()

    def refused(self, error: StoreError) -> None:
        """Say that something was not stored."""
        self._trouble = f"Not stored: {error}."
        self.refresh_frame()

    # Evidence

    @work(exclusive=True, exit_on_error=False, group="evidence")
    async def gather(self, facts: Facts, check: Check) -> None:
        """Show what can be said, as it becomes known; leaving the screen ends it all."""
        self._evidence = await asyncio.to_thread(evidence, facts, check.items)
        for looks, doing in _DOING.items():
            self._doing = doing
            self.show_all()
            seen: Findings | CheckError
            try:
                seen = await see(self.workspace, check.image, looks)
            except CheckError as error:
                seen = error
            except StoreError as error:
                seen = CheckError(str(error))
            self._evidence = await asyncio.to_thread(
                with_seen, self._evidence, facts, check.items, looks, seen
            )
        self._doing = ""
        self.show_all()

    def measured(self) -> str:
        """What was measured on the picture, and what is being looked for now."""
        whole = self._evidence.get(WHOLE)
        known = "" if whole is None else clean(whole.line)
        return "  ".join(part for part in (known, self._doing) if part)

    # Places

    def places(self) -> tuple[Area, ...]:
        """Where to look for the item under the cursor."""
        if self._check is None or not self._current:
            return ()
        return places_of(self._check.item(self._current), self._evidence.get(self._current))

    def to_fix(self) -> tuple[Area, ...]:
        """What a fix of the item under the cursor masks."""
        assert self._check is not None
        item, found = self._check.item(self._current), self._evidence.get(self._current)
        return areas_to_fix(item, found, self._at())

    def _at(self) -> int | None:
        looked = self._looked
        return looked[1] if looked is not None and looked[0] == self._current else None

    def action_open(self) -> None:
        """Look closely at each place that the item is about, in turn; at the whole without any."""
        places, at = self.places(), self._at()
        if not places or self.picture.picture is None:
            self.action_zoom()
            return
        following = at + 1 if self.zoomed and at is not None else 0
        if following == len(places):
            self._looked = None
            self.leave_zoom()
            return
        self._looked = (self._current, following)
        self.add_class("-zoomed")
        self.picture.look_at(places[following].box)
        self.refresh_keys()

    def action_mask(self) -> None:
        """Keep the part that is seen with the item under the cursor."""
        if self._check is None:
            return
        if not self.zoomed:
            self._trouble = "Go closer first, with z and h j k l: w keeps the part that is seen."
            self.refresh_frame()
            return
        try:
            box = self.picture.shown_box()
            self.take(point_at(self.workspace.store, self._check, self._current, box))
        except StoreError as error:
            self.refused(error)
            return
        self._looked = (self._current, 0)
        says = "Kept with this item: enter looks at it again, f masks it in Edit."
        self.notify(says, markup=False, timeout=6)
        self.refresh_keys()

    def legend(self) -> str:
        """The keys of the close look, and at which place it is."""
        if not self.zoomed:
            return super().legend()
        places, at = self.places(), self._at()
        where = self.picture.zoom_words
        if at is not None and at < len(places):
            where = f"{where}  {place_in_words(places, at)}  enter next"
        return f"{where}  esc leave  f fix  w keep  z closer  hjkl move"
