"""A mailing's HTML, analysed once and stamped for each recipient.

Theory: `analyse` cuts the HTML into pieces at every place that a recipient may change. Stamping copies the list of
pieces, replaces those places, and joins: no parsing, no searching. Joined without a change, the pieces are the
HTML itself, so what is not such a place cannot differ by a single byte. The places are

    a link whose target is the same for everybody    `links[number]` takes its place
    a link that varies by merge tags                 `seal(number, target)` takes its place (PERSONAL only)
    a merge tag, a way out                           its value, escaped for HTML
    before the end of the body                       the footer, then the pixel

A tag inside a varying link is percent-encoded whether the link is sealed or not: being tracked never changes where
a link leads. What may be tracked is decided in `targets`. Source: domain.md §6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from app.domain.errors import InvalidValue, LimitExceeded
from app.domain.modes import TrackingMode
from app.mail import tags
from app.mail.scan import Link, Scan, scan
from app.mail.tags import NO_MERGE, Merge, Tag, fill_target, in_html, tags_in
from app.mail.targets import Verdict, judge, place_of, target_of

MOST_BYTES = 5 * 1024 * 1024
MOST_LINKS = 10_000

# The size is marked important against style sheets that say `img { width: 100% }`; Outlook skips such declarations
# and takes the attributes. It is never `display:none`, since some clients do not load what is not displayed.
PIXEL_START = '<img src="'
PIXEL_END = (
    '" width="1" height="1" alt="" style="display:block;border:0;width:1px!important;height:1px!important">'
)

# Given a link's number and its target after merge, the URL to put in its place, or None to leave it alone.
Seal: TypeAlias = Callable[[int, str], str | None]


class _Varying(NamedTuple):
    """A link that merge tags change: its piece, its number, and the decoded target with its tags."""

    piece: int
    number: int
    target: str


class _Listed(NamedTuple):
    """A target that somebody is not tracked on: nobody is, or (`varies`) only PERSONAL recipients who fill it."""

    target: str
    varies: bool


class _BodyEnd(NamedTuple):
    """Where footer and pixel go."""

    start: int


_Place: TypeAlias = Link | Tag | _BodyEnd


@dataclass(slots=True)
class _Places:
    """Which pieces hold what; numbers are positions in the list of pieces."""

    fixed: list[tuple[int, int]] = field(default_factory=list)
    varying: list[_Varying] = field(default_factory=list)
    preferences: list[int] = field(default_factory=list)
    unsubscribe: list[int] = field(default_factory=list)
    tags: list[tuple[int, str]] = field(default_factory=list)
    body_end: int = 0


@dataclass(frozen=True, slots=True)
class Template:
    """An analysed mailing. It never changes, and may be kept for as long as the mailing's HTML stays the same.

    `links` are the distinct targets that may be tracked, decoded, in order of first appearance; a link's number is
    its position there, and links with one target share it. Those whose number is in `varying` stand there with
    their merge tags. `has_way_out` says that {{preferences_url}} stands where a reader sees or clicks it.
    """

    links: tuple[str, ...]
    varying: frozenset[int]
    has_way_out: bool
    _pieces: list[str]
    _places: _Places
    _listed: tuple[_Listed, ...]
    _own_place: str

    def stamp(
        self,
        *,
        preferences_url: str,
        unsubscribe_url: str,
        links: Sequence[str | None] | None = None,
        seal: Seal | None = None,
        pixel_url: str | None = None,
        footer_html: str | None = None,
        merge: Merge = NO_MERGE,
    ) -> str:
        """The HTML for one message.

        `links[number]` is put in for each link that is the same for everybody (None leaves that link, whatever
        stands at a varying number is not looked at); without `links` all of them stay. `seal` is asked for each
        varying link that `merge` turns into one that may be tracked; without it, as in ANONYMOUS, they stay.

        The URLs hold only `[A-Za-z0-9._~:/-]`, so that they fit into any attribute, quoted or not. `footer_html`
        is finished HTML. The caller decides on all of it; nothing is added that was not given.
        """
        pieces, places = self._pieces.copy(), self._places
        for piece in places.preferences:
            pieces[piece] = preferences_url
        for piece in places.unsubscribe:
            pieces[piece] = unsubscribe_url
        if links is not None:
            _put_links(pieces, places.fixed, links)
        if merge:
            self._put_merge(pieces, merge, seal)
        pixel = "" if pixel_url is None else PIXEL_START + pixel_url + PIXEL_END
        pieces[places.body_end] = (footer_html or "") + pixel
        return "".join(pieces)

    def untracked(self, mode: TrackingMode, merge: Merge = NO_MERGE) -> tuple[str, ...]:
        """The targets to report as untracked links, in order, with their merge tags as they stand in the mailing.

        Under PERSONAL a varying link is listed unless `merge` makes it trackable. Links that nobody expects to be
        tracked (mailto, our own pages, unsubscribing) are never listed; under OFF nothing is.
        """
        match mode:
            case TrackingMode.OFF:
                return ()
            case TrackingMode.ANONYMOUS:
                return tuple(listed.target for listed in self._listed)
            case TrackingMode.PERSONAL:
                return tuple(
                    listed.target
                    for listed in self._listed
                    if not listed.varies or self._stays(listed, merge)
                )

    def _stays(self, listed: _Listed, merge: Merge) -> bool:
        verdict = judge(target_of(fill_target(listed.target, merge)), own_place=self._own_place)
        return verdict in {Verdict.UNTRACKED, Verdict.VARYING}

    def _put_merge(self, pieces: list[str], merge: Merge, seal: Seal | None) -> None:
        for piece, name in self._places.tags:
            if name in merge:
                pieces[piece] = in_html(merge[name])
        for piece, number, target in self._places.varying:
            url = self._sealed(number, target, merge, seal) if seal else None
            pieces[piece] = fill_target(pieces[piece], merge, spell=in_html) if url is None else url

    def _sealed(self, number: int, target: str, merge: Merge, seal: Seal) -> str | None:
        merged = target_of(fill_target(target, merge))
        return seal(number, merged) if judge(merged, own_place=self._own_place) is Verdict.TRACKED else None


def analyse(html: str, *, own_prefix: str) -> Template:
    """Find everything in a mailing's HTML that stamping may change. Broken HTML is fine; see `scan`.

    `own_prefix` is the public URL of this server; nothing below it is ever tracked. LimitExceeded beyond 5 MB
    (UTF-8) or 10,000 links, InvalidValue if `own_prefix` is no absolute web address.
    """
    own_place = place_of(own_prefix.rstrip("/"))
    if not own_place:
        raise InvalidValue(
            "The server's public URL is no absolute http or https URL; correct ASSENT_PUBLIC_URL.",
            path=("own_prefix",),
        )
    if len(html) > MOST_BYTES or len(html.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise LimitExceeded(
            "The HTML of this mail is larger than 5 MB; shorten it, or link to its images.", path=("html",)
        )
    found = scan(html)
    if len(found.links) > MOST_LINKS:
        raise LimitExceeded(
            f"The HTML of this mail has {len(found.links):,} links and may have {MOST_LINKS:,}; send it as two mails.",
            path=("html",),
        )
    return _Analysis(html, found, own_place).template()


def _put_links(pieces: list[str], fixed: list[tuple[int, int]], links: Sequence[str | None]) -> None:
    for piece, number in fixed:
        url = links[number]
        if url is not None:
            pieces[piece] = url


class _Analysis:
    """One walk over the places of a mail, in their order, that cuts the HTML into pieces."""

    def __init__(self, html: str, found: Scan, own_place: str) -> None:
        self.html = html
        self.found = found
        self.own_place = own_place
        self.position = 0
        self.pieces: list[str] = []
        self.places = _Places()
        self.numbers: dict[str, int] = {}
        self.listed: dict[_Listed, None] = {}
        self.last_link: Link | None = None
        self.has_way_out = False

    def template(self) -> Template:
        places: list[_Place] = [*self.found.links, *tags_in(self.html), _BodyEnd(self.found.body_end)]
        for place in sorted(places, key=_start_of):
            match place:
                case Link():
                    self._link(place)
                case Tag():
                    self._tag(place)
                case _BodyEnd():
                    self.places.body_end = self._cut(place.start, place.start)
        self.pieces.append(self.html[self.position :])
        return Template(
            links=tuple(self.numbers),
            varying=frozenset(varying.number for varying in self.places.varying),
            has_way_out=self.has_way_out,
            _pieces=self.pieces,
            _places=self.places,
            _listed=tuple(self.listed),
            _own_place=self.own_place,
        )

    def _link(self, link: Link) -> None:
        self.last_link = link
        target = target_of(link.value)
        match judge(target, own_place=self.own_place):
            case Verdict.NEVER:
                pass
            case Verdict.UNTRACKED:
                self.listed[_Listed(target, varies=False)] = None
            case Verdict.VARYING:
                self.listed[_Listed(target, varies=True)] = None
                number = self._number(target)
                self.places.varying.append(_Varying(self._cut(link.start, link.end), number, target))
            case Verdict.TRACKED:
                number = self._number(target)
                self.places.fixed.append((self._cut(link.start, link.end), number))

    def _tag(self, tag: Tag) -> None:
        if tag.start < self.position:
            return  # It stands inside a varying link and is filled with it.
        piece = self._cut(tag.start, tag.end)
        match tag.name:
            case tags.PREFERENCES:
                self.places.preferences.append(piece)
                self.has_way_out = self.has_way_out or self._is_seen(tag)
            case tags.UNSUBSCRIBE:
                self.places.unsubscribe.append(piece)
            case name:
                self.places.tags.append((piece, name))

    def _is_seen(self, tag: Tag) -> bool:
        link = self.last_link
        clickable = link is not None and tag.start < link.end and not link.outlook_only
        return clickable or self.found.shows(tag.start)

    def _number(self, target: str) -> int:
        return self.numbers.setdefault(target, len(self.numbers))

    def _cut(self, start: int, end: int) -> int:
        """Make `html[start:end]` a piece of its own; returns which one."""
        self.pieces += (self.html[self.position : start], self.html[start:end])
        self.position = end
        return len(self.pieces) - 1


def _start_of(place: _Place) -> int:
    return place.start
