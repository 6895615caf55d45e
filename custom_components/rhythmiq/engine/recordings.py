"""When two tracks are the same recording under different ids."""

import re
import unicodedata

_EDITION = (
    r"(?:\d{4}\s+)?(?:digital(?:ly)?\s+)?re-?master(?:ed)?(?:\s+(?:version|edition))?(?:\s+\d{4})?|"
    r"(?:radio|single|album|original|mono|stereo|explicit|clean|deluxe|bonus)\s+"
    r"(?:edit|version|mix|edition|track)|radio|mono|stereo|"
    r"(?:from|music from|feat|ft|featuring|with|bonus track)\b.*"
)
_BRACKETED = re.compile(rf"[(\[]\s*(?:{_EDITION})[^)\]]*[)\]]")
_AFTER_DASH = re.compile(rf"\s[-\N{{EN DASH}}/]\s+(?:{_EDITION}).*$")
_FEATURING = re.compile(r"\s(?:feat|ft|featuring)\b.*$")
_NOT_WORDS = re.compile(r"[^\w]+")


def first_artist(artist: str) -> str:
    """Return the first of "A, B", as it is compared."""
    return artist.split(", ", maxsplit=1)[0].casefold().strip()


def recording(title: str, artist: str) -> tuple[str, str]:
    """Return what names a recording: its title without edition and guests, and its first artist.

    Remasters, radio edits and guests make no other recording; a live version or a remix does.
    """
    name = title.casefold()
    for pattern in (_BRACKETED, _AFTER_DASH, _FEATURING):
        name = pattern.sub("", name)
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_WORDS.sub("", plain) or title.casefold(), first_artist(artist)
