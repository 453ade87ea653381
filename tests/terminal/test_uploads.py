"""What is kept in the terminal's memory, what leaves it, and how much is sent at once."""

import asyncio
import re
from dataclasses import dataclass

import pytest

from tui.terminal import kitty
from tui.terminal.pace import Pace
from tui.terminal.uploads import MOST_KEPT, Upload, Uploads


@dataclass(eq=False)
class View:
    """Somebody who shows a picture."""

    told: int = 0

    def picture_changed(self) -> None:
        self.told += 1


class Line:
    """A terminal that takes what it is given, as soon as it may."""

    def __init__(self, base: int = 0) -> None:
        self.text = ""
        self.parts: list[int] = []
        self.pace = Pace()
        self.uploads = Uploads(self._write, self.pace, in_tmux=False, base=base)

    def _write(self, text: str) -> None:
        self.text += text
        self.parts.append(len(text))

    @property
    def sent(self) -> list[int]:
        return [int(number) for number in re.findall(r"a=T,U=1,f=100,i=(\d+)", self.text)]

    @property
    def deleted(self) -> list[int]:
        return [int(number) for number in re.findall(r"a=d,d=I,i=(\d+),q=2", self.text)]

    async def arrived(self, *uploads: Upload) -> None:
        sending = asyncio.create_task(self.uploads.run())
        async with asyncio.timeout(20):
            while not all(upload.arrived for upload in uploads):  # noqa: ASYNC110
                await asyncio.sleep(0)
        sending.cancel()


def offered(line: Line, view: View, number: int, size: int = 100) -> Upload:
    return line.uploads.offer(number.to_bytes(2, "big") * size, (100, 100), (10, 5), view)


async def test_only_so_many_are_kept_and_those_on_the_screen_always() -> None:
    line, shown, gone = Line(), View(), View()
    first = offered(line, shown, 0)
    for number in range(1, 300):
        upload = offered(line, gone, number)
        await line.arrived(upload)
        line.uploads.release(upload, gone)
    offered(line, shown, 999)
    assert first.alive
    assert first.number not in line.deleted
    alive = [*line.sent]
    for number in line.deleted:
        alive.remove(number)
    assert len(alive) <= MOST_KEPT
    assert len(set(alive)) == len(alive)
    assert all(16 <= number <= 255 for number in line.sent)


async def test_who_stops_waiting_is_never_sent() -> None:
    line, view = Line(), View()
    unwanted = offered(line, view, 1)
    line.uploads.release(unwanted, view)
    wanted = offered(line, view, 2)
    await line.arrived(wanted)
    assert line.sent == [wanted.number]
    assert not unwanted.alive
    assert view.told == 1


async def test_the_end_in_the_middle_of_a_picture_leaves_nothing_behind() -> None:
    line, view = Line(base=0x1234 << 8), View()
    upload = offered(line, view, 1, size=400_000)
    line.pace.backlog = lambda: len(line.text)  # the terminal takes nothing
    sending = asyncio.create_task(line.uploads.run())
    while not line.text:  # noqa: ASYNC110
        await asyncio.sleep(0)
    line.text += line.uploads.farewell()
    assert line.text.endswith(
        f"{kitty.broken_off(in_tmux=False)}{kitty.deletion(upload.number, in_tmux=False)}"
    )
    assert upload.number >> 8 == 0x1234
    line.pace.backlog = lambda: 0
    before = line.text
    for _ in range(5):
        await asyncio.sleep(0.005)
    assert line.text == before
    sending.cancel()


async def test_a_large_picture_leaves_room_for_keys_between_its_slices() -> None:
    line, view = Line(), View()
    await line.arrived(offered(line, view, 1, size=400_000))
    assert sum(line.parts) > 1_000_000
    assert max(line.parts) < 60_000


def test_a_budget_is_spent_and_comes_back() -> None:
    now = [100.0]
    pace = Pace(1000, clock=lambda: now[0])
    assert pace.has_room
    pace.spend(3000)
    assert not pace.has_room
    now[0] += 1.9
    assert not pace.has_room
    now[0] += 0.2
    assert pace.has_room
    now[0] += 1000  # what was not used does not heap up
    assert pace.has_room
    pace.spend(1001)
    assert not pace.has_room


@pytest.mark.parametrize("base", [0, 0x00FFEE00])
def test_cells_get_their_colour_in_whatever_pieces_they_are_written(base: int) -> None:
    row, other = kitty.cells(40, 3, 1)[0], kitty.cells(255, 2, 1)[0]
    text = f"\x1b[48;2;1;2;3mab{row}{other}\x1b[0m{row[:4]}x{row[4:]}"
    found = kitty.with_numbers(text, base)
    assert found.count(kitty.PLACEHOLDER) == text.count(kitty.PLACEHOLDER)
    assert not re.search("[\U000e0100-\U000e01ef]", found)
    for number in (40, 255):
        low = f"38;5;{number}m" if not base else f"38;2;255;238;{number}m"
        assert low in found
