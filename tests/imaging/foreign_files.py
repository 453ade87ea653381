"""Pictures as other programs write them; beside each form stands the function that writes it."""

import io
import json
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

EXIF_IFD, USER_COMMENT, MAKER_NOTE, SOFTWARE, MODEL, MAKE = (
    0x8769, 0x9286, 0x927C, 0x0131, 0x0110, 0x010F,
)  # fmt: skip

# modules/processing.py, create_infotext: values with , : or a line feed are JSON strings.
A1111 = (
    "masterpiece, a red fox, oil painting, <lora:foxy:0.8>\n"
    "in the snow, (red scarf:1.2)\n"
    "Negative prompt: blurry, text\nugly\n"
    "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 965400086, "
    "Size: 512x768, Model hash: 45dee52b, Model: sdxl_base, "
    'Lora hashes: "foxy: abc, other: def", Version: v1.10.1'
)

# modules/private_logger.py, log; modules/meta_parser.py, FooocusMetadataParser.to_string.
FOOOCUS: dict[str, Any] = {
    "base_model": "juggernautXL_v8",
    "base_model_hash": "aeb7e9e689",
    "full_negative_prompt": ["blurry", "lowres"],
    "full_prompt": ["a red fox, cinematic", "a red fox, sharp"],
    "guidance_scale": 4,
    "metadata_scheme": "fooocus",
    "negative_prompt": "blurry",
    "performance": "Speed",
    "prompt": "a red fox, oil painting",
    "resolution": "(1152, 896)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "6203503049397474612",
    "sharpness": 2,
    "steps": 30,
    "styles": "['Fooocus V2', 'Fooocus Sharp']",
    "version": "Fooocus v2.5.5",
}

# invokeai/app/invocations/metadata.py, CoreMetadataInvocation; images/png: image_files_disk.py.
INVOKEAI: dict[str, Any] = {
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a red fox, oil painting",
    "negative_prompt": "blurry",
    "width": 1024,
    "height": 1024,
    "seed": 3771023210,
    "cfg_scale": 7.5,
    "steps": 30,
    "scheduler": "dpmpp_2m_k",
    "model": {"key": "k", "hash": "h", "name": "Dreamshaper XL", "base": "sdxl", "type": "main"},
    "loras": [{"model": {"name": "foxy"}, "weight": 0.8}],
    "app_version": "6.14.0",
}

# src/Text2Image/T2IParamInput.cs, GenFullMetadataObject: PNG text `parameters`, else UserComment.
SWARMUI: dict[str, Any] = {
    "sui_image_params": {
        "prompt": "a red fox, oil painting",
        "negativeprompt": "blurry",
        "model": "OfficialStableDiffusion/sd_xl_base_1.0",
        "seed": 18446744073709551615,
        "steps": 20,
        "cfgscale": 7.0,
        "width": 1024,
        "height": 1024,
        "swarm_version": "0.9.8.0",
    },
    "sui_extra_data": {"date": "2025-06-01"},
}

# What novelai.net serves; a copy of the prompt is in Description.
NOVELAI: dict[str, Any] = {
    "prompt": "a red fox, {{masterpiece}}",
    "uc": "lowres",
    "steps": 28,
    "height": 1216,
    "width": 832,
    "scale": 5.0,
    "seed": 1234567890,
    "sampler": "k_euler_ancestral",
    "noise_schedule": "karras",
    "v4_prompt": None,
}

# nodes.py, SaveImage: PNG texts `prompt` and `workflow`. A node that changes each time has NaN.
COMFYUI: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 18446744073709551615, "steps": 25, "cfg": 6.5, "sampler_name": "euler",
            "scheduler": "normal", "denoise": 1.0, "model": ["10", 0], "positive": ["6", 0],
            "negative": ["7", 0], "latent_image": ["5", 0],
        },
        "is_changed": [float("nan")],
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 1024, "height": 768}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox, oil painting",
          "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
    "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "foxy", "model": ["4", 0]}},
}  # fmt: skip
WORKFLOW: dict[str, Any] = {
    "nodes": [
        {"id": 3, "type": "KSampler", "widgets_values": [7, "fixed", 25, 6.5, "euler"],
         "inputs": [{"name": "model", "link": 1}, {"name": "positive", "link": 4},
                    {"name": "negative", "link": 6}, {"name": "latent_image", "link": 2}]},
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["sdxl.safetensors"]},
        {"id": 5, "type": "EmptyLatentImage", "widgets_values": [1024, 768, 1]},
        {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a red fox, oil painting"],
         "inputs": [{"name": "clip", "link": 3}]},
        {"id": 7, "type": "CLIPTextEncode", "widgets_values": ["blurry"],
         "inputs": [{"name": "clip", "link": 5}]},
    ],
    "links": [[1, 4, 0, 3, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"],
              [4, 6, 0, 3, 1, "CONDITIONING"],
              [6, 7, 0, 3, 2, "CONDITIONING"], [3, 4, 1, 6, 0, "CLIP"], [5, 4, 1, 7, 0, "CLIP"]],
    "version": 0.4,
}  # fmt: skip


def png(**texts: str) -> bytes:
    """A small PNG with these texts, as Pillow writes them for all of these programs."""
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    return _file("PNG", pnginfo=info)


def comfyui_png(graph: Any = None, workflow: Any = None) -> bytes:
    """As SaveImage writes it."""
    given = {"prompt": graph or COMFYUI, "workflow": workflow or WORKFLOW}
    return png(**{key: json.dumps(value) for key, value in given.items()})


def comfyui_webp() -> bytes:
    """comfy_extras/nodes_images.py, SaveAnimatedWEBP: Model and Make, with a name before."""
    exif = Image.Exif()
    exif[MODEL] = f"prompt:{json.dumps(COMFYUI)}"
    exif[MAKE] = f"workflow:{json.dumps(WORKFLOW)}"
    return _file("WEBP", exif=exif)


def novelai_png(**other: Any) -> bytes:
    """The five texts of a PNG from novelai.net."""
    return png(
        Title="NovelAI generated image",
        Description=NOVELAI["prompt"],
        Software="NovelAI",
        Source="NovelAI Diffusion V4.5 4BDE2A90",
        Comment=json.dumps(NOVELAI | other),
    )


def with_comment(kind: str, text: str, encoding: str = "utf-16-be") -> bytes:
    """modules/images.py, save_image_with_geninfo: piexif's UserComment.dump(…, "unicode")."""
    exif = Image.Exif()
    exif[EXIF_IFD] = {USER_COMMENT: b"UNICODE\0" + text.encode(encoding)}
    return _file(kind, exif=exif)


def fooocus_jpeg(text: str, scheme: str) -> bytes:
    """modules/meta_parser.py, get_exif: everything in the first directory."""
    exif = Image.Exif()
    exif[USER_COMMENT], exif[SOFTWARE], exif[MAKER_NOTE] = text, "Fooocus v2.5.5", scheme
    return _file("JPEG", exif=exif)


def _file(kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(buffer, kind, **options)
    return buffer.getvalue()
