"""Images: size, what EXIF tells, and a thumbnail. Pillow decodes them."""

import io
import math
import re
from datetime import datetime
from typing import IO

from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import GPS, IFD, Base

from landfall_jobs.media.facts import DAMAGED, TOO_LARGE, Fault, clean

MOST_PIXELS = 89_478_485
"""A larger image is taken for a decompression bomb, by Pillow too: decoding this one takes up to 0.7 GB."""
TURNS = {
    "2": Image.Transpose.FLIP_LEFT_RIGHT,
    "3": Image.Transpose.ROTATE_180,
    "4": Image.Transpose.FLIP_TOP_BOTTOM,
    "5": Image.Transpose.TRANSPOSE,
    "6": Image.Transpose.ROTATE_270,
    "7": Image.Transpose.TRANSVERSE,
    "8": Image.Transpose.ROTATE_90,
}
"""Turns by orientation. Pillow's exif_transpose would also write EXIF anew, and fail where it is odd."""


def read_image(stream: IO[bytes], type: str, thumbnail_pixels: int) -> tuple[dict[str, str | None], bytes]:
    """Give facts and a thumbnail, upright on white, as JPEG; raise Fault.

    All of the image is decoded, so that a file which was cut off is seen.
    """
    try:
        with Image.open(stream, formats=[_pillow_name(type)]) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise _too_large(f"{width:,} by {height:,} pixels")
            facts = {"width": str(width), "height": str(height), **_exif(image)}
            return facts, _thumbnail(image, thumbnail_pixels, facts.get("orientation"))
    except Fault:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise _too_large("many times the pixels") from error
    except UnidentifiedImageError as error:
        raise Fault(DAMAGED, "the image cannot be decoded: its header is damaged") from error
    except Exception as error:  # whatever a decoder stumbles over in a damaged file
        raise Fault(DAMAGED, f"the image cannot be decoded: {error}") from error


def _pillow_name(type: str) -> str:
    """Give Pillow's name of a media type. No other decoder is tried: some of them start programs."""
    return type.partition("/")[2].upper()


def _too_large(what: str) -> Fault:
    return Fault(TOO_LARGE, f"the image has {what}; at most {MOST_PIXELS:,} are decoded")


def _thumbnail(image: Image.Image, pixels: int, orientation: str | None) -> bytes:
    image.thumbnail((pixels, pixels))
    turn = TURNS.get(orientation or "1")
    upright = image if turn is None else image.transpose(turn)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    target = io.BytesIO()
    upright.convert("RGB").save(target, "JPEG", quality=80)
    return target.getvalue()


def _exif(image: Image.Image) -> dict[str, str | None]:
    """Give what the camera wrote; what it wrote wrongly is left out, since the picture is good all the same."""
    try:
        root = image.getexif()
        details, place = root.get_ifd(IFD.Exif), root.get_ifd(IFD.GPSInfo)
    except Exception:  # EXIF is written by anybody, and Pillow has no error of its own for what is wrong in it
        return {}
    orientation = root.get(Base.Orientation)
    return {
        "taken_at": _taken_at(details.get(Base.DateTimeOriginal), details.get(Base.OffsetTimeOriginal)),
        "camera_make": _text(root.get(Base.Make)),
        "camera_model": _text(root.get(Base.Model)),
        "orientation": str(orientation) if orientation in range(1, 9) else None,
        "latitude": _degrees(place.get(GPS.GPSLatitude), place.get(GPS.GPSLatitudeRef), 90),
        "longitude": _degrees(place.get(GPS.GPSLongitude), place.get(GPS.GPSLongitudeRef), 180),
    }


def _text(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None


def _taken_at(value: object, offset: object) -> str | None:
    """Give ISO 8601; cameras whose clock was never set write zeros or blanks."""
    try:
        taken = datetime.strptime(str(value)[:19], "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    known = isinstance(offset, str) and re.fullmatch(r"[+-]\d\d:\d\d", offset)
    return f"{taken.isoformat()}{offset if known else ''}"


def _degrees(parts: object, reference: object, most: int) -> str | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found) or not 0 <= found <= most:
        return None
    return f"{-found if reference in ('S', 'W') else found:.7f}"
