"""Whatever file is offered, it is refused early and the catalog stays as it is."""

from collections.abc import Callable
import gzip
import os
from pathlib import Path
import socket
import zlib

import pytest

from custom_components.rhythmiq.catalog import (
    ImportRefusedError,
    TrackLibrary,
    check_importable,
    source_file,
)
from custom_components.rhythmiq.catalog.records import MAX_COLUMNS, MAX_RECORD_LINES
from custom_components.rhythmiq.catalog.source_file import (
    CHUNK_BYTES,
    MAX_LINE_BYTES,
    MAX_RATIO,
    RATIO_GRACE_BYTES,
)

from .conftest import Import
from .tables import COLUMNS, row, table, uri

GOOD = table(row(2), row(3)).encode()
HEADER = GOOD.splitlines(keepends=True)[0]
NUL, LATIN = GOOD + b"a\0b\r\n", GOOD + "Señor\r\n".encode("latin-1")


def damaged(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]


def bomb(size: int) -> bytes:
    """Return gzip of `size` bytes: a good table and then one field that only grows."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(GOOD)]
    line = b"0" * 60_000 + b"\n"
    parts += [packer.compress(line) for _ in range(size // len(line) + 1)]
    return b"".join([*parts, packer.flush()])


HOSTILE = {
    "empty": (b"", "import_empty", {}),
    "empty gzip": (gzip.compress(b""), "import_empty", {}),
    "blank lines": (b"\n\r\n\n", "import_empty", {}),
    "only a mark": (b"\xef\xbb\xbf", "import_empty", {}),
    "header only": (HEADER, "import_no_rows", {}),
    "unknown header": (b"a,b\n1,2\n", "import_unknown_header", {"columns": "a, b"}),
    "nameless header": (b",,\nx,,\n", "import_unknown_header", {"columns": "x"}),
    "a film": (b"\x00\x00\x00\x18ftypmp42" * 99, "import_binary", {"line": "1"}),
    "no row is good": (
        table(row(1, energy="2"), row(2, energy="3")).encode(),
        "import_nothing_usable",
        {"count": "2", "line": "2", "reason": "energy 2 is outside 0 to 1"},
    ),
    "header is no CSV": (
        b'"track_id"x,title\n1,2\n',
        "import_nothing_usable",
        {"count": "1", "line": "1", "reason": "not valid CSV: ',' expected after '\"'"},
    ),
    "duplicate header": (
        b"Track_ID," + GOOD,
        "import_duplicate_column",
        {"column": "track_id"},
    ),
    "too many columns": (
        b"x," * MAX_COLUMNS + b"x\n",
        "import_too_many_columns",
        {"count": "201", "limit": "200"},
    ),
    "long line": (
        GOOD + b"a" * (MAX_LINE_BYTES + 1) + b"\n",
        "import_line_too_long",
        {"line": "4", "limit": "65536"},
    ),
    "endless line": (GOOD + b"a" * 3 * CHUNK_BYTES, "import_line_too_long", {"line": "4"}),
    "long last line": (
        GOOD + b"a" * (MAX_LINE_BYTES + 1),
        "import_line_too_long",
        {"line": "4"},
    ),
    "many short lines in a quote": (
        GOOD + b'"' + b"a\n" * (MAX_RECORD_LINES + 1),
        "import_quote_not_closed",
        {"line": "4"},
    ),
    "long lines in a quote": (
        GOOD + b'"' + (b"a" * 40_000 + b"\n") * 2,
        "import_quote_not_closed",
        {"line": "4"},
    ),
    "NUL": (NUL, "import_binary", {"line": "4"}),
    "Latin-1": (LATIN, "import_not_utf8", {"line": "4"}),
    "UTF-16": (GOOD.decode().encode("utf-16"), "import_wrong_encoding", {"encoding": "UTF-16"}),
    "UTF-32": (GOOD.decode().encode("utf-32"), "import_wrong_encoding", {"encoding": "UTF-32"}),
    "UTF-16 unmarked": (GOOD.decode().encode("utf-16-be"), "import_binary", {"line": "1"}),
    "zip": (b"PK\x03\x04" + GOOD, "import_archive", {"kind": "zip"}),
    "gzip of nonsense": (b"\x1f\x8bnonsense", "import_gzip_damaged", {}),
    "gzip cut short": (
        gzip.compress(GOOD)[:-5],
        "import_gzip_damaged",
        {"error": "the file ends too early"},
    ),
    "gzip cut in its header": (
        gzip.compress(GOOD)[:5],
        "import_gzip_damaged",
        {"error": "the file ends too early"},
    ),
    "gzip checksum": (damaged(gzip.compress(GOOD), -8), "import_gzip_damaged", {}),
    "gzip length": (damaged(gzip.compress(GOOD), -2), "import_gzip_damaged", {}),
    "gzip and rubbish": (gzip.compress(GOOD) + b"rubbish", "import_gzip_damaged", {}),
    "gzip second member cut short": (
        gzip.compress(GOOD) + gzip.compress(GOOD)[:-1],
        "import_gzip_damaged",
        {"error": "the file ends too early"},
    ),
    "gzip bomb": (bomb(30_000_000), "import_ratio", {"limit": str(MAX_RATIO)}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_changes_nothing(
    name: str, import_text: Import, library: TrackLibrary, tmp_path: Path
) -> None:
    content, key, placeholders = HOSTILE[name]
    import_text(table(row(1)))

    with pytest.raises(ImportRefusedError) as refusal:
        import_text(content)

    assert refusal.value.key == key
    assert placeholders.items() <= refusal.value.placeholders.items()
    assert library.load().uri == (uri(1),)
    assert library.count() == 1
    assert not list(tmp_path.glob("*.scratch"))


def test_a_small_file_may_shrink_a_lot(import_text: Import) -> None:
    """What decompresses to less than the grace is nothing to fear."""
    content = GOOD + b"\n" * (RATIO_GRACE_BYTES - len(GOOD))
    packed = gzip.compress(content)
    assert len(content) > MAX_RATIO * len(packed)
    assert import_text(packed).new == 2


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(GOOD),
        gzip.compress(GOOD[:100]) + gzip.compress(GOOD[100:]),
        gzip.compress(GOOD) + b"\0" * (CHUNK_BYTES + 7),
        gzip.compress(GOOD) + b"\0" * CHUNK_BYTES + gzip.compress(b""),
    ],
    ids=["plain", "two members", "padded", "padded members"],
)
def test_sound_gzip_is_read_whatever_its_name(content: bytes, import_text: Import) -> None:
    assert import_text(content).new == 2


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_limit_on_the_decompressed_size(
    pack: Callable[[bytes], bytes], import_text: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_file, "MAX_BYTES", len(GOOD))
    assert import_text(pack(GOOD)).new == 2
    with pytest.raises(ImportRefusedError) as refusal:
        import_text(pack(GOOD + b"\n"))
    assert refusal.value.key == "import_too_large"


def test_limits_are_what_the_documents_say() -> None:
    assert source_file.MAX_BYTES == 1_000_000_000
    assert (MAX_RATIO, RATIO_GRACE_BYTES) == (200, 1_000_000)
    assert (MAX_LINE_BYTES, MAX_COLUMNS) == (65_536, 200)


def test_the_longest_line_and_the_widest_table_are_read(import_text: Import) -> None:
    filler = tuple(f"extra {number}" for number in range(MAX_COLUMNS - len(COLUMNS)))
    fat = row(1, **{filler[0]: "x" * 60_000})
    assert import_text(table(fat, columns=COLUMNS + filler)).new == 1


def pipe(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize("make", [Path.mkdir, pipe], ids=["directory", "pipe"])
def test_only_regular_files_are_opened(
    make: Callable[[Path], None], library: TrackLibrary, tmp_path: Path
) -> None:
    """A pipe without a writer would hold its reader for ever."""
    path = tmp_path / "tracks.csv"
    make(path)
    for look in (check_importable, lambda path: library.import_file(path, lambda _: None)):
        with pytest.raises(ImportRefusedError) as refusal:
            look(path)
        assert refusal.value.key == "import_not_a_file"
        assert refusal.value.placeholders == {"path": str(path)}


def test_a_device_is_no_file(library: TrackLibrary) -> None:
    for look in (check_importable, lambda path: library.import_file(path, lambda _: None)):
        with pytest.raises(ImportRefusedError, match="import_not_a_file"):
            look(Path("/dev/zero"))


def test_missing_and_impossible_paths(library: TrackLibrary, tmp_path: Path) -> None:
    for name, key in (("none.csv", "import_file_not_found"), ("a\0b", "import_not_readable")):
        for look in (check_importable, lambda path: library.import_file(path, lambda _: None)):
            with pytest.raises(ImportRefusedError) as refusal:
                look(tmp_path / name)
            assert refusal.value.key == key
            assert "\0" not in refusal.value.placeholders["path"]


def test_links_are_followed_to_what_they_name(tmp_path: Path) -> None:
    target = tmp_path / "real.csv"
    target.write_bytes(GOOD)
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    assert check_importable(link) == target.resolve()

    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    with pytest.raises(ImportRefusedError, match="import_not_readable"):
        check_importable(loop)


def test_a_socket_cannot_be_opened(library: TrackLibrary, tmp_path: Path) -> None:
    path = tmp_path / "s"
    unix_socket(path)
    with pytest.raises(ImportRefusedError, match="import_not_readable"):
        library.import_file(path, lambda _: None)
