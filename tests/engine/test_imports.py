import subprocess
import sys

import pytest

MODULES = [
    "tui.cli.main, tui.cli.generate, tui.cli.inpaint, tui.cli.rerun, tui.cli.engine",
    "tui.engine.server, tui.engine.foreground",
    "tui.engine.client, tui.engine.supervisor, tui.engine.following",
    "tui.store.store",
    "tui.imaging.pixels, tui.imaging.stitch, tui.imaging.metadata, tui.imaging.compare",
]


@pytest.mark.parametrize("modules", MODULES)
def test_torch_is_never_imported_outside_the_worker(modules: str) -> None:
    code = (
        f"import sys, {modules}\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'accelerate', 'safetensors'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("[]\n", "")


def test_a_client_imports_no_database_of_models() -> None:
    """Connecting is what every command does first; it must not cost seconds."""
    code = (
        "import sys, tui.engine.supervisor, tui.engine.following\n"
        "print(sorted({'numpy', 'PIL', 'cv2', 'huggingface_hub'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("[]\n", "")
