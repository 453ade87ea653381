"""A terminal that is gone takes no more writes, and holds nobody up."""

import os
import pty

from textual.drivers._writer_thread import WriterThread

from tui.terminal.driver import LastingFile


def test_writing_goes_on_when_the_terminal_is_gone() -> None:
    outer, inner = pty.openpty()
    with os.fdopen(inner, "w") as file:
        thread = WriterThread(LastingFile(file))  # type: ignore[arg-type] # it needs these three
        thread.start()
        thread.write("seen")
        while os.read(outer, 100) != b"seen":
            pass
        os.close(outer)
        for _ in range(200):
            thread.write("unseen")
        thread.stop()
        assert not thread.is_alive()
        # What the file still holds back would fail once more at closing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), inner)


def test_what_is_written_arrives_and_is_counted() -> None:
    outer, inner = pty.openpty()
    with os.fdopen(inner, "w") as file:
        lasting = LastingFile(file)
        assert lasting.write("four") == 4
        lasting.flush()
        assert os.read(outer, 100) == b"four"
        assert os.isatty(lasting.fileno())
    os.close(outer)
