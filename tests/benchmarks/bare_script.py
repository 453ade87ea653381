"""What people write without Keepers: it loads a model with diffusers, and draws when it is told to.

Run by `bare`, never imported: `python bare_script.py '{"model": …}'`, then a line `SEED WORDS` for
each two images; it answers each with a line of JSON.
"""

import json
import sys
import time

import torch
from diffusers import DiffusionPipeline

told = json.loads(sys.argv[1])
on_gpu = told["device"].startswith("cuda")
pipe = DiffusionPipeline.from_pretrained(
    told["model"], dtype=getattr(torch, told["precision"]), use_safetensors=True
).to(told["device"])
pipe.set_progress_bar_config(disable=True)


def now() -> float:
    """Seconds, once the GPU has done all that it was asked for."""
    if on_gpu:
        torch.cuda.synchronize(told["device"])
    return time.monotonic()


for line in sys.stdin:
    seed, words = line.split(maxsplit=1)
    arguments = dict(told["arguments"])
    if told["negatives"]:
        arguments["negative_prompt"] = [told["negatives"]] * 2
    begun = now()
    images = pipe(
        prompt=[words.strip()] * 2,
        generator=[torch.Generator().manual_seed(int(seed) + k) for k in range(2)],
        **arguments,
    ).images
    for k, image in enumerate(images):
        image.save(f"{told['out']}/{seed}-{k}.png")
    answer = {"seconds": now() - begun}
    if on_gpu:
        answer["allocated"] = torch.cuda.max_memory_allocated(told["device"])
        answer["reserved"] = torch.cuda.max_memory_reserved(told["device"])
    print(json.dumps(answer), flush=True)
