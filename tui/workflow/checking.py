"""Step 6: what a person answers to each item of the check, bound to one exact file.

Tools give evidence (`evidence`), never an answer. Every answer is stored when it is given.
"""

from dataclasses import dataclass

import msgspec

from tui.domain.brief import Brief
from tui.domain.check import Answer, CheckItem, SignOff, check_items
from tui.domain.found import Area, AreaKind, Box
from tui.domain.text import clean
from tui.store.errors import StoreError
from tui.store.images import ImageRecord
from tui.store.store import Store
from tui.workflow.workspace import Workspace

TO_FIX = "to fix"
"""How the comment begins of an item that a person went to Edit for."""


@dataclass(frozen=True)
class Check:
    """The check of one image, as it stands."""

    image: ImageRecord
    sign_off: SignOff
    before: SignOff | None = None
    """What was answered for the image that this one came from."""
    news: str = ""
    """Why answers that were given are not these; empty where there is nothing to say."""

    @property
    def items(self) -> tuple[CheckItem, ...]:
        """The items, in the order in which they are asked."""
        return self.sign_off.items

    @property
    def settled(self) -> int:
        """How many items hold nothing back."""
        return sum(item.settled for item in self.items)

    def item(self, item_id: str) -> CheckItem:
        """One item, by its id."""
        return next(item for item in self.items if item.id == item_id)

    def earlier(self, item: CheckItem) -> CheckItem | None:
        """The same question, as it was answered for the image before."""
        items = self.before.items if self.before else ()
        return next((old for old in items if old.question == item.question), None)

    def next_open(self, after: str = "") -> str:
        """The id of the first open item behind that one, or before it; empty for none."""
        ids = [item.id for item in self.items]
        start = ids.index(after) + 1 if after in ids else 0
        turned = (*self.items[start:], *self.items[:start])
        return next((item.id for item in turned if not item.settled), "")

    def in_words(self) -> str:
        """Where the sign-off stands, and what that means for the export."""
        total = len(self.items)
        says = f"signed off {self.settled} of {total}"
        if self.sign_off.complete:
            return f"{says}: ready to export"
        if clean(self.sign_off.waiver):
            return f"{says}: export waived, because {self.sign_off.waiver}"
        return f"{says}: export waits"


def open_check(workspace: Workspace) -> Check | None:
    """The check of the chosen image; None while none is chosen.

    Raises:
        StoreError: the stored sign-off cannot be read.
    """
    image = workspace.chosen()
    return None if image is None else check_of(workspace.store, workspace.project.brief, image)


def check_of(store: Store, brief: Brief, image: ImageRecord) -> Check:
    """The check of an image, against the brief as it is now.

    Answers are those that were given for exactly this file and exactly these questions: where
    the brief asks something else by now, that item is open again.

    Raises:
        StoreError: the stored sign-off cannot be read.
    """
    stored = store.sign_offs.get(image.id)
    before = _before(store, image)
    asked = check_items(brief.cleaned())
    if stored is None or stored.sha256 != image.sha256:
        news = ""
        if stored is not None:
            news = "The file is another one than was checked: its check starts anew."
        elif before is not None:
            news = "This is another image than the one you checked: it has a check of its own."
        return Check(image, SignOff(image.sha256, asked), before, news)
    answered = {item.question: item for item in stored.items}
    items = tuple(_answered(item, answered.get(item.question)) for item in asked)
    same = {item.question for item in items} <= answered.keys()
    # A waiver was for the items that were open then.
    waiver = stored.waiver if same else ""
    news = "" if same else "The brief asks something else by now: those items are open."
    return Check(image, SignOff(image.sha256, items, waiver), before, news)


def is_signed_off(workspace: Workspace) -> bool:
    """Whether every item is settled for the chosen image, as the brief asks them now."""
    try:
        check = open_check(workspace)
    except StoreError:
        # The check itself says what is wrong with it.
        return False
    return check is not None and check.sign_off.complete


def answer(
    store: Store, check: Check, item_id: str, given: Answer, reason: str | None = None
) -> Check:
    """The check with one answer given, stored.

    Args:
        store: where it is kept.
        check: as it stood.
        item_id: which item.
        given: the answer.
        reason: why it was accepted, or a comment; None leaves what was written.

    Raises:
        ValueError: accepted without a reason.
        StoreError: the image is gone, or the disk refuses.
    """
    before = check.item(item_id)
    words = before.reason if reason is None else clean(reason)
    if given is Answer.ACCEPTED:
        # Whoever is asked “because …” often begins with the word.
        words = words.removeprefix("because ").strip()
    if given is Answer.ACCEPTED and not words:
        raise ValueError("accepting needs a reason: press a, write one line, then enter")
    return _with(store, check, msgspec.structs.replace(before, answer=given, reason=words))


def point_at(store: Store, check: Check, item_id: str, box: Box) -> Check:
    """The item is about this part of the picture, in its pixels; its answer stays.

    Raises:
        StoreError: as for `answer`.
    """
    area = Area(AreaKind.MARKED, box)
    return _with(store, check, msgspec.structs.replace(check.item(item_id), area=area))


def _with(store: Store, check: Check, changed: CheckItem) -> Check:
    before = check.item(changed.id)
    items = tuple(changed if item.id == changed.id else item for item in check.items)
    sign_off = msgspec.structs.replace(check.sign_off, items=items)
    if before.settled and not changed.settled:
        # What is taken back was not open when the waiver was written.
        sign_off = msgspec.structs.replace(sign_off, waiver="")
    store.sign_offs.update(check.image.id, sign_off)
    return Check(check.image, sign_off, check.before)


def settle(store: Store, check: Check, item_id: str) -> Check:
    """The item is as it should be: fixed, if the image before was sent to Edit for it, or clean.

    Raises:
        StoreError: as for `answer`.
    """
    earlier = check.earlier(check.item(item_id))
    given = Answer.FIXED if earlier is not None and is_to_fix(earlier) else Answer.CLEAN
    return answer(store, check, item_id, given)


def send_to_fix(store: Store, check: Check, item_id: str) -> Check:
    """The item is open, and its comment says that it is being fixed. Raises like `answer`."""
    item = check.item(item_id)
    words = item.reason if is_to_fix(item) or not item.reason else f"{TO_FIX}: {item.reason}"
    return answer(store, check, item_id, Answer.OPEN, words or TO_FIX)


def is_to_fix(item: CheckItem) -> bool:
    """Whether a person went to Edit for this item and it is still open."""
    return item.answer is Answer.OPEN and item.reason.startswith(TO_FIX)


def _answered(asked: CheckItem, stored: CheckItem | None) -> CheckItem:
    if stored is None:
        return asked
    return msgspec.structs.replace(
        asked,
        answer=stored.answer,
        reason=stored.reason,
        area=stored.area,
    )


def _before(store: Store, image: ImageRecord) -> SignOff | None:
    line = store.images.line(image.id)[1:]
    found = (store.sign_offs.get(ancestor.id) for ancestor in line)
    return next((sign_off for sign_off in found if sign_off is not None), None)
