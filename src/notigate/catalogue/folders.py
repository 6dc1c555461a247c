"""Folders of occasions: finding them, and reading what lies in them, without ever leaving them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from notigate.errors import TemplateError
from notigate.render import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

OCCASION = "occasion.yaml"
#: bytes; the compiler counts the characters
_LIMIT = 4 * 64 * 1024
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_TEXT = re.compile(r"(?P<locale>[A-Za-z]{2,3}(?:_[A-Za-z0-9]+)*)\.(?P<medium>[a-z][a-z0-9_]*)\.(?P<kind>txt|html|md)")
_MEANT_AS_TEXT = re.compile(r".+\..+\.(?:txt|html|md)")

Kind = Literal["txt", "html", "md"]


def packaged() -> Path:
    """The folder of the occasions that come with notigate."""
    here = Path(__file__).resolve().parents[1]
    installed = here / "templates"
    return installed if installed.is_dir() else here.parents[1] / "templates"


def is_name(name: str) -> bool:
    """Can an occasion be called so? Two words of letters, digits and `_.-`: nothing that leads elsewhere."""
    return _ID.fullmatch(name) is not None


def names(folder: Path) -> Iterator[str]:
    """The ids of the occasions in a folder, such as `holiday/mid-autumn`."""
    for found in sorted(folder.glob(f"*/*/{OCCASION}")):
        name = found.parent.relative_to(folder).as_posix()
        if _ID.fullmatch(name):
            yield name


def find(folders: Iterable[Path], name: str) -> Home | None:
    """The first folder that holds the occasion: the user's own, those of plugins, the packaged one.

    Raises:
        TemplateError: two plugins bring one of this name, and the user has none of their own: nobody can tell which.
    """
    if not _ID.fullmatch(name):
        return None
    shelves = list(folders)
    found = [folder for folder in shelves if (folder / name / OCCASION).exists()]
    offered = [folder for folder in found if folder not in (shelves[0], shelves[-1])]
    if len(offered) > 1 and found[0] != shelves[0]:
        raise TemplateError(
            "there are two occasions {name}: in {first} and in {second}. Copy the one you mean into your own templates",
            name=name,
            first=offered[0] / name,
            second=offered[1] / name,
        )
    return Home(folder=found[0], name=name) if found else None


class Home(NamedTuple):
    """The folder of one occasion."""

    #: the folder of occasions it lies in
    folder: Path
    #: its id
    name: str

    def path(self, file: str) -> Path:
        """A file of this occasion, which must lie inside its folder of occasions.

        Raises:
            TemplateError: a link leads out of it.
        """
        path, root = (self.folder / self.name / file).resolve(), self.folder.resolve()
        if not path.is_relative_to(root):
            raise TemplateError(
                "{file}: leads out of {folder}; copy it instead of linking it", file=self.shown(file), folder=root
            )
        return path

    def shown(self, file: str) -> str:
        """A file as messages show it: `templates/holiday/mid-autumn/zh_Hans.sms.txt`."""
        return f"{self.folder.name}/{self.name}/{file}"

    def texts(self) -> Mapping[tuple[str, str], Mapping[Kind, str]]:
        """The files of the texts, by (medium, locale) and kind.

        Raises:
            TemplateError: a file looks like a text, and is not named like one; or a text has two bodies, or none.
        """
        found: dict[tuple[str, str], dict[Kind, str]] = {}
        for path in sorted(self.path("").iterdir()):
            if named := _TEXT.fullmatch(path.name):
                found.setdefault((named["medium"], named["locale"]), {})[cast("Kind", named["kind"])] = path.name
            elif _MEANT_AS_TEXT.fullmatch(path.name):
                raise TemplateError(
                    "{file}: a text is named LOCALE.MEDIUM.txt, such as zh_Hans.sms.txt", file=self.shown(path.name)
                )
        for files in found.values():
            if len(files.keys() - {"html"}) != 1:
                raise TemplateError(
                    "{file}: a text has one body, .txt or .md", file=self.shown(" + ".join(files.values()))
                )
        return found

    def source(self, file: str) -> Source:
        """Read one text.

        Raises:
            TemplateError: it cannot be read.
        """
        shown = self.shown(file)
        try:
            data = _read(self.path(file))
            return Source(file=shown, text=data.decode("utf-8-sig").replace("\r\n", "\n"))
        except UnicodeDecodeError:
            raise TemplateError("{file}: this is not UTF-8; save the file as UTF-8", file=shown) from None
        except OSError as fault:
            raise TemplateError("{file}: cannot be read: {why}", file=shown, why=fault.strerror or fault) from fault


def _read(path: Path) -> bytes:
    # A pipe would keep us waiting for ever.
    if not path.is_file():
        raise OSError("this is no file")
    with path.open("rb") as file:
        data = file.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise OSError(f"it is larger than {_LIMIT} bytes")
    return data
