"""Another autoencoder in the place of a model's own, and the own one back again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.domain.change import vae_in_words
from tui.domain.text import clean
from tui.engine.model_parts import loaded_files, variant_of
from tui.engine.worker.errors import LoadingError
from tui.engine.worker.ladder import Offload
from tui.engine.worker.layout import is_in_file, lay_out
from tui.engine.worker.offloading import is_by_layers, offload_part
from tui.engine.worker.placement import Placement
from tui.engine.worker.running_out import ran_out, trim
from tui.engine.worker_messages import VaePlace

_WORTH_READING = 32 * 2**20
"""Bytes of an encoder for which its file is opened once more."""


@dataclass
class Autoencoder:
    """Which autoencoder is in one pipeline."""

    place: VaePlace | None = None
    """None for the model's own."""
    own: Any = None
    """The model's own while another one is in its place."""

    def rest_encoder(self, vae: Any, placement: Placement, own_folder: Path) -> None:
        """Have an encoder lie in its file until it is called again, which it may never be.

        That is where it was before it was laid out: text becomes pictures without it, but for the
        previews' map. Only where it is worth a reading, and copies were made at all.

        Args:
            vae: the one that is in the pipeline.
            placement: where it computes.
            own_folder: of the model's own.
        """
        encoder = getattr(vae, "encoder", None)
        if placement.device != "cpu" or encoder is None or is_in_file(encoder):
            return
        if sum(weight.nbytes for weight in encoder.parameters()) < _WORTH_READING:
            return
        place = self.place or VaePlace("its own", str(own_folder), "")
        try:
            rest = _loaded(type(vae), placement, place).encoder
        except LoadingError:
            return  # the file has gone meanwhile
        if not is_in_file(rest):
            return  # it had to be converted
        encoder.load_state_dict(rest.state_dict(), assign=True)
        trim()

        def wake(*_: object) -> None:
            hook.remove()
            lay_out(encoder, placement.device)

        hook = encoder.register_forward_pre_hook(wake)

    def wear(
        self,
        pipe: Any,
        placement: Placement,
        place: VaePlace | None,
        offload: Offload = Offload.NONE,
    ) -> bool:
        """Put this autoencoder, or the model's own, into the pipeline; whether that changed it.

        It is on the device as much as the rest of the pipeline is, and the own one, while it is not
        needed, not at all.

        Raises:
            LoadingError: it cannot be read.
        """
        if place == self.place:
            return False
        if getattr(pipe, "vae", None) is None:
            raise LoadingError(
                f"{type(pipe).__name__} has no VAE that another one could take the place of: "
                "leave the VAE to the model"
            )
        own = pipe.vae if self.place is None else self.own
        vae = own if place is None else _loaded(type(own), placement, place)
        if not offload:
            # Before anything is changed: this is where memory may run out.
            vae.to(placement.device)
        lay_out(vae, placement.device)
        pipe.vae = vae
        self.place, self.own = place, None if place is None else own
        if offload:
            offload_part(pipe, "vae", placement.device, offload)
        if vae is not own and not is_by_layers(own):
            own.to("cpu")
        return True


def _loaded(cls: Any, placement: Placement, place: VaePlace) -> Any:
    try:
        vae, found = cls.from_pretrained(
            place.folder,
            dtype=placement.dtype,
            variant=_variant(Path(place.folder)),
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except Exception as error:
        if ran_out(error):
            raise
        why = clean(f"{type(error).__name__}: {error}", limit=300)
        raise LoadingError(
            f"the VAE {vae_in_words(place.reference)} cannot be read ({why}): "
            "download or copy it again, or choose another one"
        ) from error
    if found["missing_keys"] or found["unexpected_keys"] or found["mismatched_keys"]:
        # diffusers would fill the gaps by chance, and only warn.
        raise LoadingError(
            f"the VAE {vae_in_words(place.reference)} is not whole, its weights and its "
            "configuration do not go together: download or copy it again, or choose another one"
        )
    return vae.eval()


def _variant(folder: Path) -> str | None:
    files = loaded_files(folder)
    return variant_of(files[0].name) or None if files else None
