"""What a worker is told of a batch: the job's wish, the settings, and where things lie."""

from tui.engine.batch_run import BatchRun
from tui.engine.jobs import JobRequest
from tui.engine.parts import Parts
from tui.engine.worker_messages import ModelPlace, RunBatch
from tui.store import inputs
from tui.store.paths import Home
from tui.store.settings import Settings


def order_of(
    run: BatchRun,
    request: JobRequest,
    settings: Settings,
    home: Home,
    place: ModelPlace,
    parts: Parts,
) -> RunBatch:
    """The order for a batch; what the request says of a setting goes before the setting.

    Args:
        run: the batch, and whose worker draws it.
        request: the job's.
        settings: the person's.
        home: where inputs and what can be made again are.
        place: the model.
        parts: what is put on top of it.

    Raises:
        StoreError: the picture or the mask is not there.
    """
    intent = request.intent
    compiles = settings.compile if request.compiled is None else request.compiled
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
        weighs=(request.prompt_weights or settings.prompt_weights) == "obey",
        memory=str(home.memory),
        adjustments=request.adjustments,
        compiled=str(home.compiled) if compiles else "",
    )
