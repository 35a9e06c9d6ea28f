"""The catalogs are whole: no message is missing, unsure, spelled with other braces, or there for nothing.

A key is used where it stands in the code or a template as it is, or where it fits one that is put together there,
as `f"because.{reason}"` or `"axis." ~ axis`. What is put together from an enumeration is counted out as well.
"""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from app.disclosure.preferences import OTHER_CHANNELS
from app.domain.decisions import DecisionReason
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import Permission, PermissionSource
from app.look.languages import FOLDERS, LANGUAGES, read_catalog, read_language
from tests.house.tree import code, files, text

CATALOGS = {folder.name: read_catalog(folder) for folder in FOLDERS}
ENGLISH = CATALOGS["en"]
ROOMS = ("app/look", "app/actions", "app/disclosure", "app/web", "preference_center")
# A reason that explains itself by another sentence, and sources that share one.
SILENT = {DecisionReason.NEVER_ANSWERED, DecisionReason.NOT_ASKED_HERE}
RECORDS = {PermissionSource.IMPORT, PermissionSource.API, PermissionSource.SEND}


def keys(catalog: Catalog) -> set[str]:
    return {_key(message.id) for message in catalog if message.id}


def forms(catalog: Catalog, key: str) -> tuple[str, ...]:
    message = catalog.get(key)
    return tuple(message.string) if message.pluralizable else (message.string,)


def braces(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("tag", CATALOGS)
def test_every_message_is_there_and_sure(tag: str):
    """A language that is not whole is none: half a page in English helps nobody."""
    catalog = CATALOGS[tag]

    assert keys(catalog) ^ keys(ENGLISH) == set()
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    assert list(catalog.obsolete) == []
    assert [key for key in keys(catalog) if not all(part.strip() for part in forms(catalog, key))] == []


@pytest.mark.parametrize("tag", CATALOGS)
def test_every_message_has_the_same_braces_in_every_language(tag: str):
    for key in sorted(keys(ENGLISH)):
        (wanted,) = {frozenset(braces(part)) for part in forms(ENGLISH, key)[-1:]}
        assert {frozenset(braces(part)) for part in forms(CATALOGS[tag], key)[-1:]} == {wanted}, key


@pytest.mark.parametrize("tag", CATALOGS)
def test_every_plural_has_all_of_its_languages_forms(tag: str):
    catalog = CATALOGS[tag]
    counted = [message for message in catalog if message.id and message.pluralizable]

    assert counted
    assert {len(message.string) for message in counted} == {catalog.num_plurals}
    for number in range(200):
        assert 0 <= LANGUAGES[tag].form_of(number) < catalog.num_plurals


@pytest.mark.parametrize("tag", CATALOGS)
def test_nothing_is_left_in_english_by_accident(tag: str):
    """Sentences that read alike in two languages were forgotten; a word or two may be the same."""
    if tag == "en":
        return
    alike = [
        key
        for key in keys(ENGLISH)
        if forms(ENGLISH, key) == forms(CATALOGS[tag], key) and len(forms(ENGLISH, key)[0].split()) > 2
    ]

    assert alike == []


def test_no_message_is_there_for_nothing():
    used = [re.compile(pattern) for pattern in _patterns()]

    assert [key for key in sorted(keys(ENGLISH)) if not any(each.fullmatch(key) for each in used)] == []


def test_every_message_that_a_template_or_a_module_names_is_there():
    named = {
        found
        for path in files(".html")
        if path.startswith(ROOMS)
        for found in re.findall(r"""\bsay\(["']([\w.]+)["'][,)]""", text(path))
    } | {found for _, module in code(*ROOMS) for found in _said(module)}

    assert len(named) > 60
    assert named - keys(ENGLISH) == set()


def test_what_is_put_together_from_an_enumeration_is_exactly_there():
    def below(prefix: str) -> set[str]:
        return {key.removeprefix(prefix) for key in keys(ENGLISH) if key.startswith(prefix)}

    modes = {f"{axis}.{mode}" for axis in Axis for mode in TrackingMode}
    silences = {"NEVER_ASKED", "ASKED_NO_ANSWER", "NOTIFIED_NO_OBJECTION", "LAPSED", "unless_no"}
    assert below("sees.") == below("tracked.") == modes
    assert below("because.") == {str(each) for each in DecisionReason if each not in SILENT} | silences
    assert below("place.") == {str(each) for each in PermissionSource if each not in RECORDS} | {"records"}
    assert below("channel.") == {str(each) for each in OTHER_CHANNELS}
    assert below("saved.effect.") == {"YES", "NO"}
    assert {str(each) for each in Permission} <= below("answers.")


def test_a_new_language_is_one_folder(tmp_path: Path):
    """A folder with a catalog is all that the program looks for."""
    folder = tmp_path / "pt"
    folder.mkdir()
    content = text("app/look/catalogs/es/messages.po").replace('"Language: es\\n"', '"Language: pt\\n"')
    (folder / "messages.po").write_text(content, encoding="utf-8")

    portuguese = read_language(folder)

    assert (portuguese.tag, portuguese.name, portuguese.say("yes")) == ("pt", "Português", "Sí")
    assert portuguese.words.keys() == LANGUAGES["en"].words.keys()


def _key(message_id: str | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _said(module: ast.Module) -> Iterator[str]:
    """What a module says by its whole key."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
            yield from (each.value for each in node.args[:1] if isinstance(each, ast.Constant))


def _patterns() -> Iterator[str]:
    for _, module in code(*ROOMS):
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)
            elif isinstance(node, ast.JoinedStr):
                yield from _of_joined(node)
    for path in files(".html"):
        if path.startswith(ROOMS):
            yield from (re.escape(found) for found in re.findall(r"""["']([\w.]+)["']""", text(path)))
            for call in re.findall(r"\bsay\(([^,()]*~[^,()]*)", text(path)):
                yield "".join(_part(part.strip()) for part in call.split("~"))


def _of_joined(node: ast.JoinedStr) -> Iterator[str]:
    parts = [re.escape(each.value) if isinstance(each, ast.Constant) else r"[\w.]+" for each in node.values]
    # Only what begins or ends with a part of a key is put together for one: else anything would fit.
    if any(isinstance(each, ast.Constant) and "." in str(each.value) for each in node.values):
        yield "".join(parts)


def _part(part: str) -> str:
    return re.escape(part.strip("\"'")) if part[:1] in {"'", '"'} else r"[\w.]+"
