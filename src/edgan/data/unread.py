"""Pictures that are there and not read: formats by their suffix or first bytes, and what is no picture at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from edgan.data import heic

SUFFIXES = frozenset(
    {".heic", ".heif", ".hif", ".jp2", ".j2k", ".jpx", ".jxl", ".jxr", ".psd", ".svg", ".eps", ".tga", ".ico", ".exr"}
    | {".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".raf", ".rw2", ".pef", ".srw", ".dcm", ".qoi", ".pcx"}
    | {".hdr"}
)
"""Formats of pictures that are not read; HEIC is where pillow-heif is."""
KNOWN_OTHERS = frozenset(
    {".txt", ".csv", ".tsv", ".json", ".jsonl", ".md", ".html", ".xml", ".yaml", ".yml", ".py", ".gz", ".zip", ".tar"}
    | {".npy", ".npz", ".mat", ".pdf", ".mp4", ".avi", ".mov", ".safetensors", ".log", ".db", ".ini", ".tgz", ".pkl"}
    | {".parquet", ".arrow", ".h5", ".pt", ".pth"}
)
"""Suffixes of files that are no pictures, which are not opened to find out."""
JUNK = frozenset({"Thumbs.db", "desktop.ini"})
JUNK_FOLDERS = frozenset({"__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information"})
SIGNATURE_BYTES = 16
SIGNATURES = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"BM"),
    *(b"\0\0\0\x0cjP  ", b"8BPS", b"%!PS"),
)
ISO_BRANDS = (b"heic", b"heix", b"mif1", b"avif", b"msf1", b"hevc")
NO_SUFFIX = "without a suffix"
READ = ".jpg, .png, .bmp, .gif, .webp, .tif, .ppm or .avif"


def is_junk(basename: str) -> bool:
    """Whether a file or folder of this name belongs to a system or a program and to no set."""
    return basename.startswith(".") or basename in JUNK_FOLDERS or basename in JUNK


def run_folders(names: Collection[str]) -> list[str]:
    """The folders of trainings among the files of a set, told by their run.json and log or checkpoints.

    Pictures of a run that lies in the folder it was trained on are no images of the set.
    """
    holders = {name.removesuffix("/run.json") for name in names if name.endswith("/run.json")}
    logged = {name.removesuffix("/log.jsonl") for name in names if name.endswith("/log.jsonl")}
    saved = {name.partition("/checkpoints/")[0] for name in names if "/checkpoints/" in name}
    return sorted(holders & (logged | saved))


def is_picture(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a picture, in a format that is read or in another."""
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    if head[4:8] == b"ftyp":
        return head[8:12] in ISO_BRANDS
    return head.startswith(SIGNATURES)


def sentence(counts: Mapping[str, int]) -> str | None:
    """A sentence for pictures that are not looked at.

    Args:
        counts: suffix, or "without a suffix", to the number of pictures.
    """
    counts = Counter({suffix: count for suffix, count in counts.items() if count})
    total = sum(counts.values())
    if not total:
        return None
    listed = ", ".join(f"{count} {suffix}" for suffix, count in counts.most_common())
    begins = "1 picture is" if total == 1 else f"{total} pictures are"
    said = f"{begins} not looked at because of the suffix ({listed}). Convert or rename to {READ}."
    return f"{said} {heic.remedy()}" if heic.SUFFIXES & counts.keys() else said


def files_sentence(counts: Mapping[str, int]) -> str | None:
    """A sentence for files that are no pictures and are not read.

    Args:
        counts: suffix, or "without a suffix", to the number of files.
    """
    if not counts:
        return None
    listed = ", ".join(f"{count} {suffix}" for suffix, count in Counter(counts).most_common())
    return f"Other files are not read: {listed}."


def single(path: Path, head: bytes) -> str:
    """The message for a single picture that is not read by its name."""
    if path.suffix.lower() in SUFFIXES or head[4:8] == b"ftyp":
        said = f"{path} is a picture in a format that is not read. Convert it to {READ}."
        return f"{said} {heic.remedy()}" if path.suffix.lower() in heic.SUFFIXES else said
    return f"{path} looks like a picture, but its name does not end like one. Rename it to end in {READ}."
