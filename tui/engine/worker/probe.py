"""What a worker would draw on, for `keepers doctor`."""

import json

from tui.engine.worker.placement import PlacementError, place
from tui.engine.worker.versions import versions


def probe() -> str:
    """Device, precision and versions as one JSON object."""
    try:
        chosen = place("auto", "auto")
    except PlacementError as error:
        return json.dumps({"error": str(error)})
    import torch

    gpus: list[dict[str, str | int]] = []
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        name = torch.cuda.get_device_name(index)
        try:
            # As CUDA counts it: this process ends at once, and its contexts with it.
            free, total = torch.cuda.mem_get_info(index)
        except RuntimeError as error:
            gpus.append({"name": name, "refuses": str(error).partition("\n")[0]})
        else:
            gpus.append({"name": name, "free": free, "total": total})
    return json.dumps(
        {
            "device": chosen.device,
            "name": chosen.name,
            "precision": chosen.precision,
            "threads": torch.get_num_threads(),
            "gpus": gpus,
            "versions": versions(),
        }
    )
