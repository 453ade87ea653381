"""From the colours a file means to sRGB."""

import io

from PIL import Image, ImageCms

_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
"""Each of Pillow's modes, and the name ICC profiles give to its colour space."""


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """The image, of mode L, RGB or CMYK, in mode RGB and sRGB.

    `profile` is the ICC profile from the file, if there was one. A profile that is broken, or
    for other colours than the image has, is ignored, as browsers do.
    """
    if isinstance(profile, bytes) and profile:
        try:
            return _converted(image, profile)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError, ImportError):
            pass  # broken, or Pillow was built without colour management
    return image if image.mode == "RGB" else image.convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if source.profile.xcolor_space != _SPACES[image.mode]:
        raise ValueError("the profile is for other colours")
    target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    transform = ImageCms.buildTransform(
        source,
        target,
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    result = ImageCms.applyTransform(image, transform)
    assert result is not None  # only in-place conversions give None
    return result
