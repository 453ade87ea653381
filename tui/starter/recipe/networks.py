"""The networks, new or taken over from a diffusers folder: a plain Stable Diffusion in small."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from tui.starter.recipe.errors import RecipeError
from tui.starter.recipe.settings import Settings
from tui.starter.recipe.work_folder import WorkFolder

START, END = 0, 1
"""Token ids; captions are filled up with the second."""

NOISE: dict[str, Any] = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
}
"""v-prediction and zero terminal SNR: flat backgrounds need both."""


def new_autoencoder(settings: Settings) -> Any:
    """An `AutoencoderTiny` that passes colours through from the first step.

    Without norms it learns well only from there: a group norm throws away the colour of flat
    backgrounds, and random kernels take hours to find a way for it.
    """
    from diffusers import AutoencoderTiny
    from diffusers.models.autoencoders.vae import AutoencoderTinyBlock

    model = AutoencoderTiny(
        encoder_block_out_channels=(settings.encoder_width,) * 4,
        decoder_block_out_channels=(settings.decoder_width,) * 4,
        latent_channels=settings.channels,
    )
    with torch.no_grad():
        for block in model.modules():
            if isinstance(block, AutoencoderTinyBlock):
                last = _convolutions(block.conv)[-1]
                last.weight.zero_()
                assert last.bias is not None
                last.bias.zero_()
        _pass_colours(_convolutions(model.encoder.layers), _convolutions(model.decoder.layers))
    return model


def _pass_colours(encoder: list[nn.Conv2d], decoder: list[nn.Conv2d]) -> None:
    """Three channels go through both halves as they are, only smaller and larger again."""
    point = torch.zeros(3, 3)
    point[1, 1] = 1
    smooth = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
    _carry(encoder[0], point, 0.0)
    for convolution in (*encoder[1:-1], *decoder[1:-1]):
        _carry(convolution, smooth, 0.0)
    # Pictures reach the encoder from 0 to 1; latents spread around 0.
    _carry(encoder[-1], 3 * point, -1.5)
    _carry(decoder[0], point / 3, 0.5)
    decoder[-1].weight.mul_(0.1)
    _carry(decoder[-1], point, 0.0)


def _carry(convolution: nn.Conv2d, kernel: torch.Tensor, shift: float) -> None:
    colours = min(3, convolution.weight.shape[0], convolution.weight.shape[1])
    convolution.weight[:colours].zero_()
    for colour in range(colours):
        convolution.weight[colour, colour] = kernel
    if convolution.bias is not None:
        convolution.bias[:colours].fill_(shift)


def _convolutions(layers: nn.Sequential) -> list[nn.Conv2d]:
    return [layer for layer in layers if isinstance(layer, nn.Conv2d)]


def new_text_encoder(settings: Settings) -> Any:
    """A `CLIPTextModel` with random weights."""
    from transformers import CLIPTextConfig, CLIPTextModel

    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=settings.pieces,
            hidden_size=settings.text_width,
            intermediate_size=4 * settings.text_width,
            num_hidden_layers=settings.text_layers,
            num_attention_heads=settings.text_heads,
            max_position_embeddings=settings.tokens,
            projection_dim=settings.text_width,
            bos_token_id=START,
            eos_token_id=END,
            pad_token_id=END,
            hidden_act="gelu",
            attention_dropout=0.0,
        )
    )


def new_unet(settings: Settings) -> Any:
    """A `UNet2DConditionModel` with random weights."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=settings.grid,
        in_channels=settings.channels,
        out_channels=settings.channels,
        block_out_channels=settings.widths,
        layers_per_block=1,
        cross_attention_dim=settings.text_width,
        attention_head_dim=4,
        norm_num_groups=settings.groups,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    )


def begin(work: WorkFolder, part: str) -> Any:
    """A network to train: from the folder that the recipe starts from, or new.

    Args:
        work: Says which folder, and how large a new one is.
        part: `vae`, `text_encoder` or `unet`, as diffusers names its folder.

    Returns:
        The network in float32 on the machine's device, channels last where it convolves.

    Raises:
        RecipeError: the folder has no such part, or one of another shape.
    """
    torch.manual_seed(work.settings.seed)
    maker = {"vae": new_autoencoder, "text_encoder": new_text_encoder, "unet": new_unet}[part]
    network = maker(work.settings)
    if work.start is not None:
        _take_over(network, work.start / part)
    device = work.machine.device
    if part == "text_encoder":
        return network.to(device)
    return network.to(device, memory_format=torch.channels_last)


def _take_over(network: Any, folder: Path) -> None:
    """Give a network the weights of a folder."""
    try:
        weights = type(network).from_pretrained(
            folder, torch_dtype=torch.float32, local_files_only=True, use_safetensors=True
        )
        network.load_state_dict(weights.state_dict())
    except OSError as error:
        raise RecipeError(
            f"{folder} holds no weights to start from: give a diffusers folder"
        ) from error
    except RuntimeError as error:
        raise RecipeError(
            f"the weights in {folder} have another shape than settings.json says: make the "
            "settings fit them, or start without"
        ) from error
