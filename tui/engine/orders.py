"""What a worker is told of a batch: the job's wish, the person's settings, and where things are."""

from tui.engine.batch_run import BatchRun
from tui.engine.jobs import JobRequest
from tui.engine.parts import Parts
from tui.engine.worker_messages import ModelPlace, RunBatch
from tui.store import inputs
from tui.store.paths import Home
from tui.store.settings import Settings


def order_for(
    run: BatchRun,
    request: JobRequest,
    settings: Settings,
    home: Home,
    place: ModelPlace,
    parts: Parts,
) -> RunBatch:
    """The order for one batch on the device of its post.

    Raises:
        StoreError: the picture or the mask of the job is gone.
    """
    intent = request.intent
    return RunBatch(
        batch=run.number,
        intent=intent,
        seeds=run.batch.seeds,
        wanted=run.batch.wanted,
        model=place,
        device=run.post.device,
        sharing=run.post.sharing,
        precision=request.precision or settings.precision,
        threads=request.threads or settings.threads,
        previews=settings.previews,
        init_image=str(inputs.get(home, intent.init_image)) if intent.init_image else "",
        mask=str(inputs.get(home, intent.mask)) if intent.mask else "",
        loras=parts.loras,
        vae=parts.vae,
        latents=str(home.latents) if settings.latents_mb else "",
        latents_limit=settings.latents_mb << 20,
        chunked=(request.long_prompts or settings.long_prompts) == "chunks",
        memory=str(home.memory),
        adjustments=request.adjustments,
    )
