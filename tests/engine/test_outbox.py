import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.engine.outbox import MOST_WAITING, ClientTooSlowError, Outbox


async def drained(outbox: Outbox) -> list[bytes]:
    return [await outbox.get() for _ in range(len(outbox))]


async def test_everything_without_a_key_arrives_in_order() -> None:
    outbox = Outbox()
    sent = [b"%d" % number for number in range(100)]
    for data in sent:
        outbox.put(data)
    assert await drained(outbox) == sent


async def test_of_each_key_only_the_latest_waits_and_keeps_its_place() -> None:
    outbox = Outbox()
    outbox.put(b"first")
    outbox.put_latest("a", b"a1")
    outbox.put(b"second")
    outbox.put_latest("b", b"b1")
    outbox.put_latest("a", b"a2")
    assert await drained(outbox) == [b"first", b"a2", b"second", b"b1"]
    outbox.put_latest("a", b"a3")
    assert await drained(outbox) == [b"a3"]


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.binary(max_size=3)), max_size=40))
def test_a_slow_reader_misses_only_outdated_previews(sent: list[tuple[str | None, bytes]]) -> None:
    async def fill_and_read() -> list[bytes]:
        outbox = Outbox()
        for key, data in sent:
            if key is None:
                outbox.put(b"put " + data)
            else:
                outbox.put_latest(key, key.encode() + data)
        return await drained(outbox)

    found = asyncio.run(fill_and_read())
    assert [data for data in found if data.startswith(b"put ")] == [
        b"put " + data for key, data in sent if key is None
    ]
    latest = {key: key.encode() + data for key, data in sent if key is not None}
    assert sorted(data for data in found if not data.startswith(b"put ")) == sorted(latest.values())


async def test_a_reader_that_waits_is_woken() -> None:
    outbox = Outbox()
    reading = asyncio.create_task(outbox.get())
    await asyncio.sleep(0)
    assert not reading.done()
    outbox.put_latest("key", b"preview")
    assert await reading == b"preview"


def test_a_client_that_reads_nothing_is_given_up_but_previews_never_fill_the_box() -> None:
    outbox = Outbox()
    for number in range(3 * MOST_WAITING):
        outbox.put_latest("key", b"%d" % number)
    assert len(outbox) == 1
    for _ in range(MOST_WAITING - 1):
        outbox.put(b"")
    with pytest.raises(ClientTooSlowError):
        outbox.put(b"")
