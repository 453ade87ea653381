"""What `keepers doctor` says of the devices that the settings name."""

from tui.cli.findings import Finding
from tui.engine.devices import device_names
from tui.store.settings import Settings


def chosen_findings(settings: Settings, gpus: int) -> list[Finding]:
    """The workers that would draw, and devices among them that are not here.

    Args:
        settings: the person's.
        gpus: how many a worker sees.
    """
    names = device_names(settings.device, gpus)
    here = [name for name in names if not _is_missing(name, gpus)]
    missing = [name for name in names if _is_missing(name, gpus)]
    found = []
    if len(here) > 1:
        found.append(Finding("good", f"batches are spread over {', '.join(here)}"))
    if missing:
        has = f"it has {gpus} GPU(s), counted from cuda:0" if gpus else "it has no GPU"
        found.append(
            Finding(
                "note" if here else "bad",
                f"{', '.join(missing)} of the settings is not on this machine: {has}",
                "take it out of device in config.toml",
            )
        )
    return found


def _is_missing(name: str, gpus: int) -> bool:
    number = name.removeprefix("cuda:")
    return number.isdigit() and int(number) >= gpus
