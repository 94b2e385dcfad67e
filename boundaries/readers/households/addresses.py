"""Chinese addresses taken apart: street office, community, road, compound, building, unit, room.

``市中街道凤凰社区渤海七路568号春晖小区3号楼2单元501室`` is written with and without most of its
parts, with Chinese or full-width numerals, and with 号楼, 栋, 幢 or # for a building. What can mean
two things is not taken for a building: ``3楼`` alone may be a floor, ``3、4号楼`` are two of them.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final, NamedTuple

_DIGITS: Final = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TIMES: Final = {"十": 10, "百": 100}
_NUMERAL: Final = re.compile(
    r"[零〇一二三四五六七八九十百两]+(?=号|栋|幢|座|楼|单元|门|室|层|院|区|路|大街|街|巷|弄|期|#)"
)
_DASHES: Final = re.compile(r"[‐‑‒–—―－−]")
_RANGES: Final = re.compile(r"(?<=\d|楼|栋|幢)[~～至](?=\d)")
_LEFT_OUT: Final = re.compile(r"[\s。.·()（）\[\]【】<>《》“”\"':：]+")
_NUMBER_SIGN: Final = re.compile(r"(?:NO|№)(\d+)|(?<!\d)#(\d+)(?:楼)?")
_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=\d)")

_REGION: Final = re.compile(
    r"(?:.{2,7}?(?:省|自治区))?.{2,7}?市.{1,6}?[区县](?=.{1,8}?(?:街道|镇|乡))"
)
_STREET: Final = re.compile(
    r"[^街]{1,8}?(?:街道办事处|街道办|街道)|.{1,6}?[镇乡](?=.{1,8}?(?:社区|村|居委会))"
)
_OFFICE: Final = r"(?:社区)?(?:居民委员会|居委会)|社区|村民委员会|村委会"
_COMMUNITY: Final = re.compile(rf"(.{{1,10}}?)(?:{_OFFICE})")
_ROAD: Final = re.compile(r"(.{1,10}?(?:路|大街|街|大道|道|巷|胡同|弄)\d+(?:-\d+)?号)(?!楼)院?")
_NUMBERS: Final = r"\d+(?:[-、,，/&和及]\d+)*"
_LETTER: Final = "A-Z甲乙丙丁戊"
_BUILDING: Final = re.compile(
    rf"([{_LETTER}]?{_NUMBERS}[{_LETTER}]?|[{_LETTER}])(?:号楼|号栋|号幢|栋楼|栋|幢|座|#楼|#)"
    rf"|([{_LETTER}]?\d+[{_LETTER}]?)(?:楼|号)(?=\d+单元)"
)
_BARE_BUILDING: Final = re.compile(rf"([{_LETTER}]?\d+[{_LETTER}]?)楼?$")
_SHORT: Final = re.compile(r"(\d+[A-Z]?)-(\d{1,2})-(\d{3,4})$|(\d+[A-Z]?)-(\d{3,4})$")
_HOUSE: Final = re.compile(r"(\d+(?:-\d+)?号)$")
_UNIT: Final = re.compile(rf"-?([0-9{_LETTER}东西南北中]+)(?:单元|门洞|门)")
_UNIT_SHORT: Final = re.compile(r"-?(\d{1,2})-(?=\d{3,4}(?:室|号|户)?$)")
_FLOOR: Final = re.compile(r"-?\d+(?:层|楼)")
_ROOM: Final = re.compile(rf"-?(\d+[{_LETTER}]?)(?:室|号|户)?$")
_SIDE: Final = re.compile(r"[东西南北中前后]+(?:侧|段|区|楼|户)?")
_SUFFIX: Final = re.compile(rf"(?:{_OFFICE}|小区)$")
_NAME_CHARACTERS: Final = 40  # more has no name of a place
_BARE: Final = re.compile(rf"[{_LETTER}]?\d*[{_LETTER}]?(?:-\d+)?")


class Address(NamedTuple):
    """The parts of an address; empty where it does not tell them.

    Attributes
    ----------
    street, community : str
        街道 or 镇; 社区.
    road : str
        With the number of the house.
    compound : str
        小区; or all that stands before the building and is none of the others.
    building, unit, room : str
        Their numbers: ``3``, ``A``, ``12-1``. Two buildings in one address stay together
        (``3、4``), and are no building that anybody has.
    """

    street: str = ""
    community: str = ""
    road: str = ""
    compound: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""


class KnownPlaces(NamedTuple):
    """Names that a district has of its own, as :func:`place_key` writes them.

    Attributes
    ----------
    districts : set of str
        What addresses may begin with: 滨城区.
    communities, compounds : set of str
    """

    districts: AbstractSet[str] = frozenset()
    communities: AbstractSet[str] = frozenset()
    compounds: AbstractSet[str] = frozenset()


NOWHERE: Final = KnownPlaces()


@lru_cache(maxsize=100_000)
def squeezed(text: str) -> str:
    """Return an address in one form: half-width, no blanks or brackets, numerals as digits.

    Examples
    --------
    >>> squeezed("春晖小区 十二号楼"), squeezed("Ａ座"), squeezed("渤海七路一百零八号")
    ('春晖小区12号楼', 'A座', '渤海7路108号')
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    folded = _LEFT_OUT.sub("", _DASHES.sub("-", folded))
    folded = _RANGES.sub("、", folded)
    folded = _NUMERAL.sub(lambda found: str(_number(found[0])), folded)
    folded = _NUMBER_SIGN.sub(lambda found: f"{found[1] or found[2]}#", folded)
    return _ZEROS.sub("", folded)


def place_key(name: str) -> str:
    """Return the form in which names of communities and compounds are compared.

    Examples
    --------
    >>> place_key("凤凰社区居委会"), place_key("春晖小区"), place_key("万达一区")
    ('凤凰', '春晖', '万达1区')
    """
    folded = squeezed(name)
    return _SUFFIX.sub("", folded) or folded


def parsed_address(
    text: str, known: KnownPlaces = NOWHERE, *, is_building: bool = False
) -> Address:
    """Return the parts of an address.

    Parameters
    ----------
    text : str
    known : KnownPlaces, optional
        Names of the district: they tell where a community ends and a compound begins.
    is_building : bool, default False
        Whether the text names a building and nothing below it, so that ``3楼`` or ``3`` is one.

    Examples
    --------
    >>> parsed_address("市中街道凤凰社区春晖小区三号楼2单元501室")[1:]
    ('凤凰', '', '春晖', '3', '2', '501')
    >>> parsed_address("春晖小区3-2-501").unit
    '2'
    >>> parsed_address("春晖小区3楼").building, parsed_address("3楼", is_building=True).building
    ('', '3')
    """
    rest = _without_district(squeezed(text), known)
    street, rest = _taken(_STREET.match(rest), rest)
    community, rest = _community(rest, known)
    road, rest = _road(rest, known)
    compound, building, rest = _building(rest, is_building=is_building)
    unit, room, more = _unit_and_room(rest)
    if building and (is_building or _SIDE.fullmatch(more)):
        building += more  # 14号楼东 is not the whole of 14号楼
    return Address(street, community, road, place_key(compound), building, unit, room)


def as_number(text: str, unit: str) -> str:
    """Return the text of a cell with its counter behind, where it is only a number or a letter.

    Examples
    --------
    >>> as_number("3", "号楼"), as_number("十二", "单元"), as_number("3栋", "号楼")
    ('3号楼', '12单元', '3栋')
    """
    folded = squeezed(f"{text}{unit}").removesuffix(unit)
    return f"{folded}{unit}" if folded and _BARE.fullmatch(folded) else squeezed(text)


def _number(numeral: str) -> int:
    """Return the value of a Chinese numeral; digits without 十 and 百 stand in a row."""
    if not set(numeral) & set(_TIMES):
        return int("".join(str(_DIGITS[each]) for each in numeral))
    total, digit = 0, 0
    for each in numeral:
        if each in _TIMES:
            total += (digit or 1) * _TIMES[each]
            digit = 0
        else:
            digit = _DIGITS[each]
    return total + digit


def _without_district(text: str, known: KnownPlaces) -> str:
    """Return an address without province, city and district before the rest."""
    for name in sorted(map(squeezed, known.districts), key=len, reverse=True):
        head, found, rest = text.partition(name)
        if found and (not head or head[-1] in "省市区州盟"):
            return rest
    return _taken(_REGION.match(text), text)[1]


def _taken(found: re.Match[str] | None, text: str) -> tuple[str, str]:
    return (found[0], text[found.end() :]) if found else ("", text)


def _longest(text: str, names: AbstractSet[str]) -> str:
    """Return the longest of the names that a text begins with; empty if there is none."""
    ends = range(min(len(text), _NAME_CHARACTERS), 0, -1)
    return next((text[:end] for end in ends if text[:end] in names), "")


def _community(text: str, known: KnownPlaces) -> tuple[str, str]:
    """Return the community at the beginning of a text, and the rest."""
    compound = _longest(text, known.compounds)
    name = _longest(text, known.communities)
    if name:
        office, rest = _taken(re.match(_OFFICE, text[len(name) :]), text[len(name) :])
        is_one = office if len(compound) <= len(name) else False
        if is_one or _longest(rest, known.compounds):
            return name, rest
    if compound:
        return "", text
    found = _COMMUNITY.match(text)
    if found is None or _BUILDING.search(found[1]):
        return "", text
    return place_key(found[0]), text[found.end() :]


def _road(text: str, known: KnownPlaces) -> tuple[str, str]:
    """Return the road with its number at the beginning of a text, and the rest."""
    if _longest(text, known.compounds):
        return "", text
    found = _ROAD.match(text)
    if found is None or _BUILDING.search(found[1]):
        return "", text
    return found[1], text[found.end() :]


def _building(text: str, *, is_building: bool) -> tuple[str, str, str]:
    """Return what stands before the building, its number, and the rest."""
    if found := _BUILDING.search(text):
        rest, number = text[found.end() :], found[1] or found[2]
        further = _BUILDING.search(rest)
        both = f"{number}、{further[1] or further[2]}" if further else number
        return text[: found.start()], both, rest
    if is_building and (found := _BARE_BUILDING.search(text)):
        return text[: found.start()], found[1], ""
    if found := _SHORT.search(text):
        number = found[1] or found[4]
        unit = f"{found[2]}单元" if found[2] else ""
        return text[: found.start()], number, f"{unit}{found[3] or found[5]}室"
    if found := _HOUSE.search(text):
        return text[: found.start()], found[1], ""
    return text, "", ""


def _unit_and_room(text: str) -> tuple[str, str, str]:
    """Return unit and room, and what is neither."""
    found = _UNIT.match(text) or _UNIT_SHORT.match(text)
    rest = text[found.end() :] if found else text
    rest = _taken(_FLOOR.match(rest), rest)[1]
    room = _ROOM.match(rest)
    return found[1] if found else "", room[1] if room else "", "" if room else rest
