"""Category and kind of a service point, from what a file says of it.

Files name categories and kinds in many ways: 医疗, 医疗卫生, medical, 药店, ``amenity=pharmacy``.
"""

import re
from dataclasses import dataclass
from typing import Final

from boundaries.plain_names import plain
from boundaries.standards.amap_classes import category_of_code, names_of_none
from boundaries.standards.tag_rules import kind_of, name_pattern, rules_of
from geo.messages import Message
from geo.model.standard import ServiceKind, Standard

_TAG: Final = re.compile(r"([a-z:_]+)=(\S+)")
_AMAP: Final = re.compile(r"\d{6}")
_PARTS: Final = re.compile(r"[;；|/、]")
_NUMBER: Final = re.compile(r"^\d{1,2}[.、．]\s*")
_SPLIT: Final = Message("reading.category_split")


@dataclass(frozen=True, slots=True)
class KnownService:
    """What a service point is.

    Attributes
    ----------
    category : str
        Id of a category, or of a group beside the categories.
    kind : str
        Id of a kind of it; a local term, or empty, where no kind is known.
    repair : Message or None
        What was decided that the file does not say; None if nothing.
    is_moved : bool
        Whether the kind belongs to another category than was given.
    """

    category: str
    kind: str
    repair: Message | None = None
    is_moved: bool = False


class ServiceKinds:
    """The names of a standard's categories and kinds.

    Parameters
    ----------
    standard : Standard

    Attributes
    ----------
    rules : TagRules
        Of OpenStreetMap.
    """

    def __init__(self, standard: Standard) -> None:
        self.rules = rules_of(standard)
        self._standard = standard
        self._groups = [group.id for group in standard.groups]
        self._named: dict[str, tuple[str, ...]] = {}
        self._kinds: dict[str, tuple[str, str]] = {}
        for group in standard.groups:
            for name in dict.fromkeys(map(plain, (group.id, group.zh, group.en, *group.aliases))):
                self._named[name] = (*self._named.get(name, ()), group.id)
            for kind in group.kinds:
                for name in _names(kind):
                    self._kinds.setdefault(plain(name), (group.id, kind.id))
        self._signs = [
            (group.id, kind.id, name_pattern(kind)) for group in standard.groups
            for kind in group.kinds
        ]  # fmt: skip

    def find(self, category: str, kind: str, name: str = "") -> KnownService | None:
        """Return what a point is; None if the category is not known.

        Parameters
        ----------
        category, kind, name : str
            As a file has them; a kind may stand as the category. Where both are told, the kind
            decides; where none is, the name may say it, within the category.

        Examples
        --------
        >>> from boundaries.standards.catalogue import load_standard
        >>> kinds = ServiceKinds(load_standard())
        >>> kinds.find("医疗", ""), kinds.find("药店", "")
        (KnownService(category='medical', kind='', repair=None, is_moved=False), \
KnownService(category='medical', kind='pharmacy', repair=None, is_moved=False))
        >>> kinds.find("政务与公共便民", "amenity=toilets").category, kinds.find("casino", "")
        ('amenity', None)
        >>> found = kinds.find("餐饮服务;快餐厅;快餐厅", "050300")  # as AMap writes them
        >>> found.category, found.kind, kinds.find("1.餐饮服务", "").category
        ('catering', '', 'catering')
        >>> kinds.find("医疗保健服务;动物医疗场所;兽医站", "090702") is None
        True
        >>> kinds.find("连锁大药房（医保定点）", "").kind
        'pharmacy'
        """
        groups = self._named.get(plain(category), ())
        as_category = None
        if not groups and self._meets_none(category, kind):
            return None
        if not groups:
            as_category = self._kind(category) or self._of_parts(category) or self._kind(kind)
        if as_category is not None:
            groups = (as_category[0],)
        if not groups:
            return self._of_words(category, kind)
        found = self._kind(kind) or as_category or self._by_name(name, groups)
        if found is None:
            return KnownService(groups[0], kind, _SPLIT if len(groups) > 1 else None)
        group, known = found
        other = Message("reading.kind_taken", {"kind": known, "category": group})
        is_moved = group not in groups
        return KnownService(group, known, other if is_moved else None, is_moved)

    def _of_words(self, *texts: str) -> KnownService | None:
        """Return what words in free text say: 川味小吃店, 连锁大药房."""
        for text in texts:
            found = self._by_name(text, tuple(self._groups))
            if found is not None:
                group, kind = found
                said = {"text": text, "kind": kind, "category": group}
                return KnownService(group, kind, Message("reading.kind_of_words", said))
        return None

    def refusal(self, category: str) -> Message:
        """Return why a category is refused, and what would do."""
        groups = [f"{group.zh} {group.id}" for group in self._standard.groups]
        first = next((kind for group in self._standard.groups for kind in group.kinds), None)
        said = {"category": category, "standard": self._standard.id, "groups": groups}
        if first is None:
            return Message("reading.unknown_category", said)
        kind = f"{first.zh} {first.id}"
        return Message("reading.unknown_category_or_kind", {**said, "kind": kind})

    def is_beside(self, category: str) -> bool:
        """Return whether a group stands beside the categories, and counts in none."""
        return category in {group.id for group in self._standard.beside}

    def counted_as(self, category: str, kind: str) -> Message:
        """Return how a report counts a point: by category, or by kind where it counts in none."""
        if not self.is_beside(category):
            return Message("reading.of_category", {"category": category})
        return Message("reading.beside", {"kind": kind or category, "category": category})

    def _kind(self, text: str) -> tuple[str, str] | None:
        tag = _TAG.fullmatch(text)
        known = self._kinds.get(plain(text)) if text else None
        return known or (kind_of({tag[1]: tag[2]}, self.rules) if tag else self._of_code(text))

    def _of_code(self, text: str) -> tuple[str, str] | None:
        """Return the category of a type code of AMap whose class belongs to one; no kind."""
        group = category_of_code(text) if _AMAP.fullmatch(text) else None
        return (group, "") if group in self._groups else None

    def _meets_none(self, category: str, kind: str) -> bool:
        """Return whether a code, or a class by its name, is one that meets no category."""
        codes = [text for text in (category, kind) if _AMAP.fullmatch(text)]
        if any(self._kind(code) is not None for code in codes):
            return False
        return bool(codes) or any(plain(part) in names_of_none() for part in category.split(";"))

    def _of_parts(self, text: str) -> tuple[str, str] | None:
        """Return what the last part of "large;medium;small" names that is known."""
        for part in reversed(_PARTS.split(text)):
            name = _NUMBER.sub("", part.strip())
            groups = self._named.get(plain(name), ())
            found = (groups[0], "") if groups else self._kind(name)
            if found is not None:
                return found
        return None

    def _by_name(self, name: str, groups: tuple[str, ...]) -> tuple[str, str] | None:
        """Return the kind that a name says best: by the most of it."""
        best, longest = None, 0
        for group, kind, sign in self._signs if name else ():
            match = sign.search(name) if group in groups else None
            if match is not None and len(match[0]) > longest:
                best, longest = (group, kind), len(match[0])
        return best


def _names(kind: ServiceKind) -> tuple[str, ...]:
    return kind.id, kind.zh, kind.en, *kind.keywords_zh, *kind.keywords_en, *kind.amap
