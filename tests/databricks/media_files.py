"""Small files of every kind, made here: what tests of media read."""

import io
import wave

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject


def image(format="JPEG", size=(64, 48), **more):
    target = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(target, format, **more)
    return target.getvalue()


def photograph(taken="2026:01:05 10:15:00", offset="+02:00", latitude=(33.0, 51.0, 31.9), orientation=6):
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model], exif[Base.Orientation] = "Landfall\0", "One", orientation
    details, place = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
    details[Base.DateTimeOriginal], details[Base.OffsetTimeOriginal] = taken, offset
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "S", latitude
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E", (151.0, 12.0, 0.0)
    return image(exif=exif)


def document(*pages, password=None, title="A title", packed=False):
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(200, 200)
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content.flate_encode() if packed else content)
    writer.add_metadata({"/Title": title, "/Author": "Ann"})
    if password is not None:
        writer.encrypt(password, "of the owner", algorithm="AES-256")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def recording(seconds=1):
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\1" * 8000 * seconds)
    return target.getvalue()
