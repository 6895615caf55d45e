"""From a path to lines of text, under limits, in constant memory.

The file is somebody else's: it may be a device, a gzip bomb, a film or half a download. Whatever
it is, it is refused with `ImportRefusedError` before it costs more than the limits below.
"""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import stat
from typing import BinaryIO, Final, Self
import zlib

from .errors import ImportRefusedError

MAX_BYTES: Final = 1_000_000_000  # decompressed
MAX_RATIO: Final = 200  # decompressed to compressed; text of this kind reaches about 10
RATIO_GRACE_BYTES: Final = 1_000_000  # so much may come out of a small file whatever the ratio
MAX_LINE_BYTES: Final = 64 * 1024
CHUNK_BYTES: Final = 128 * 1024

_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = zlib.MAX_WBITS | 16  # zlib's word for "gzip header and checksum"
_ARCHIVE_MAGIC: Final = {
    b"PK\x03\x04": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_FOREIGN_BOM: Final = {  # UTF-32 first: its mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def check_importable(path: Path) -> Path:
    """Return the real path of a regular file, every link followed.

    The caller compares the result, not what the user typed, with its allowed directories. Raises
    `ImportRefusedError` for anything that is missing or not a regular file.
    """
    with _refusing(path):
        resolved = path.resolve(strict=True)
        _check_regular(path, resolved.stat())
    return resolved


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as err:
        raise ImportRefusedError("import_file_not_found", path=str(path)) from err
    except (OSError, ValueError) as err:  # ValueError: a NUL character in the path
        raise ImportRefusedError(
            "import_not_readable",
            path=str(path).replace("\0", ""),
            error=getattr(err, "strerror", None) or str(err),
        ) from err


def _check_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ImportRefusedError("import_not_a_file", path=str(path))


class SourceFile:
    """A CSV file or a gzip of one, open for reading; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        with _refusing(path):
            # Without O_NONBLOCK, opening a pipe waits for its writer, maybe for ever.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)  # of what was opened, whatever the path is by now
            _check_regular(path, status)
        except BaseException:
            os.close(descriptor)
            raise
        self._path = path
        self._file: BinaryIO = os.fdopen(descriptor, "rb", buffering=0)
        self.bytes_total = status.st_size
        self.bytes_read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def lines(self) -> Iterator[str]:
        """Yield the lines with their line feeds; the mark of UTF-8 at the start is dropped."""
        number = 0
        rest = b""
        for chunk in self._contents():
            parts = (rest + chunk).split(b"\n")
            rest = parts.pop()
            for part in parts:
                number += 1
                yield _decode(part, number) + "\n"
            if len(rest) > MAX_LINE_BYTES:
                raise _too_long(number + 1)
        if rest:
            yield _decode(rest, number + 1)

    def _contents(self) -> Iterator[bytes]:
        head = self._read()
        if not head:
            raise ImportRefusedError("import_empty")
        for magic, kind in _ARCHIVE_MAGIC.items():
            if head.startswith(magic):
                raise ImportRefusedError("import_archive", kind=kind)
        compressed = head.startswith(_GZIP_MAGIC)
        size = 0
        for chunk in self._inflated(head) if compressed else self._plain(head):
            if size == 0:
                _check_encoding(chunk)
            size += len(chunk)
            if size > MAX_BYTES:
                raise ImportRefusedError("import_too_large", limit=MAX_BYTES // 1_000_000)
            yield chunk
        if size == 0:
            raise ImportRefusedError("import_empty")

    def _plain(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            yield chunk
            chunk = self._read()

    def _inflated(self, pending: bytes) -> Iterator[bytes]:
        """Yield what the gzip members hold, at most `CHUNK_BYTES` at once."""
        produced = 0
        member = zlib.decompressobj(_GZIP_WINDOW)
        while pending:
            try:
                chunk = member.decompress(pending, CHUNK_BYTES)
            except zlib.error as err:
                raise ImportRefusedError("import_gzip_damaged", error=str(err)) from err
            produced += len(chunk)
            if produced > RATIO_GRACE_BYTES and produced > MAX_RATIO * self.bytes_read:
                raise ImportRefusedError("import_ratio", limit=MAX_RATIO)
            if chunk:
                yield chunk
            if member.eof:  # another member may follow, or padding
                pending = member.unused_data.lstrip(b"\0")
                while not pending and (more := self._read()):
                    pending = more.lstrip(b"\0")
                if pending:
                    member = zlib.decompressobj(_GZIP_WINDOW)
            else:
                pending = member.unconsumed_tail or self._read()
        if not member.eof:
            raise ImportRefusedError("import_gzip_damaged", error="the file ends too early")

    def _read(self) -> bytes:
        with _refusing(self._path):
            chunk = self._file.read(CHUNK_BYTES)
        self.bytes_read += len(chunk)
        return chunk


def _check_encoding(start: bytes) -> None:
    for mark, encoding in _FOREIGN_BOM.items():
        if start.startswith(mark):
            raise ImportRefusedError("import_wrong_encoding", encoding=encoding)


def _decode(line: bytes, number: int) -> str:
    if len(line) > MAX_LINE_BYTES:
        raise _too_long(number)
    if b"\0" in line:
        raise ImportRefusedError("import_binary", line=number)
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as err:
        raise ImportRefusedError("import_not_utf8", line=number) from err


def _too_long(number: int) -> ImportRefusedError:
    return ImportRefusedError("import_line_too_long", line=number, limit=MAX_LINE_BYTES)
