"""A person's answers in the final check, each set for one exact file."""

import time
from typing import cast

import msgspec

from tui.domain.check import CheckItem, SignOff
from tui.domain.text import clean
from tui.domain.versioned import UnreadableError, from_json, to_json
from tui.store.database import Database
from tui.store.errors import StoreError


class SignOffs:
    """The table of sign-offs; an image nobody checked has none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, image_id: str) -> SignOff | None:
        """The sign-off of one image, None while there is none.

        Raises:
            StoreError: it was written by a newer Keepers, or is damaged.
        """
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT sign_off FROM sign_offs WHERE image_id = ?", (image_id,)
            ).fetchone()
        return None if row is None else _read(image_id, row[0])

    def list(self, project_id: str) -> dict[str, SignOff]:
        """The sign-offs of a project's images, by image id.

        Raises:
            StoreError: as for `get`.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT image_id, sign_off FROM sign_offs JOIN images ON images.id = image_id "
                "WHERE project_id = ? ORDER BY images.created, images.id",
                (project_id,),
            ).fetchall()
        return {str(row[0]): _read(str(row[0]), row[1]) for row in rows}

    def update(self, image_id: str, sign_off: SignOff) -> None:
        """Keep this sign-off, its texts made harmless, in place of an earlier one.

        Raises:
            StoreError: there is no such image.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO sign_offs VALUES (?, ?, ?) ON CONFLICT (image_id) "
                "DO UPDATE SET sign_off = excluded.sign_off, updated = excluded.updated",
                (image_id, to_json(cleaned(sign_off)), time.time()),
            )


def cleaned(sign_off: SignOff) -> SignOff:
    """The same sign-off with every text harmless."""
    return msgspec.structs.replace(
        sign_off,
        items=tuple(map(_cleaned_item, sign_off.items)),
        waiver=clean(sign_off.waiver),
    )


def _cleaned_item(item: CheckItem) -> CheckItem:
    return msgspec.structs.replace(item, question=clean(item.question), reason=clean(item.reason))


def _read(image_id: str, stored: object) -> SignOff:
    try:
        return from_json(cast("str", stored), SignOff)
    except (UnreadableError, TypeError) as error:
        raise StoreError(f"the sign-off of image {image_id} cannot be read: {error}") from error
