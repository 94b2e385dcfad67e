"""Words of the synthetic town: numbers, compounds, services. None of them names a real place."""

from dataclasses import dataclass
from typing import Final

import numpy as np

_DIGITS: Final = "零一二三四五六七八九"
_TEN: Final = 10
_FIRST: Final = (
    "锦绣", "阳光", "金色", "翠湖", "书香", "和顺", "安泰", "祥和", "碧水", "春晖", "丰泽", "瑞景",
    "御景", "东方", "怡景", "景泰", "华兴", "康宁", "福安", "明珠", "枫林", "学府", "盛世", "蓝湾",
    "梧桐", "玉兰", "紫荆", "海棠", "丁香", "梅园", "银杏", "玫瑰", "望河", "临河", "河畔", "清河",
)  # fmt: skip
_LAST: Final = (
    "花园",
    "家园",
    "小区",
    "名苑",
    "新居",
    "华庭",
    "佳苑",
    "嘉园",
    "公馆",
    "名城",
    "雅居",
)
_OLD_FIRST: Final = ("东关", "西关", "老城", "染坊", "粮食", "油坊", "柳行", "仓前", "铁匠", "文庙")
_OLD_LAST: Final = ("街坊", "胡同片区", "宿舍区", "老院")


@dataclass(frozen=True, slots=True)
class Trade:
    """What a sign says, and the kind of service behind it.

    Attributes
    ----------
    term : str
        What the sign says after the name.
    kind : str
        Id of a kind of the standard.
    share : float
        Share of the category's points.
    inside : bool
        Whether it is found inside compounds rather than along streets.
    """

    term: str
    kind: str
    share: float
    inside: bool = False


def chinese_number(number: int) -> str:
    """Write 1 to 99 in Chinese.

    Examples
    --------
    >>> [chinese_number(n) for n in (3, 10, 14, 20, 35)]
    ['三', '十', '十四', '二十', '三十五']
    """
    tens, ones = divmod(number, _TEN)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def compound_names(count: int, rng: np.random.Generator, *, old: bool = False) -> list[str]:
    """Return `count` different names of compounds, numbered where the words run out."""
    first, last = (_OLD_FIRST, _OLD_LAST) if old else (_FIRST, _LAST)
    words = [a + b for a in first for b in last]
    order = [words[int(k)] for k in rng.permutation(len(words))]
    rounds = -(-count // len(order))
    named = list(order)
    for again in range(1, rounds):
        named += [f"{word}{chinese_number(again + 1)}区" for word in order]
    return named[:count]


TRADES: Final[dict[str, tuple[Trade, ...]]] = {
    "catering": (
        Trade("早餐店", "breakfast", 0.25), Trade("面馆", "restaurant", 0.2),
        Trade("水饺馆", "restaurant", 0.15), Trade("家常菜馆", "restaurant", 0.2),
        Trade("快餐店", "fast_food", 0.12), Trade("社区食堂", "canteen", 0.08, inside=True),
    ),
    "household": (
        Trade("家政服务部", "domestic_help", 0.6), Trade("保洁服务站", "cleaning", 0.25),
        Trade("月嫂中心", "domestic_help", 0.15),
    ),
    "medical": (
        Trade("药店", "pharmacy", 0.6), Trade("社区卫生服务站", "health_station", 0.35),
        Trade("社区卫生服务中心", "health_centre", 0.05),
    ),
    "elderly": (
        Trade("日间照料中心", "day_care", 0.6), Trade("老年助餐点", "senior_meals", 0.25),
        Trade("养老服务中心", "nursing_home", 0.15),
    ),
    "shopping": (
        Trade("便利店", "convenience", 0.35), Trade("超市", "supermarket", 0.25),
        Trade("果蔬店", "greengrocer", 0.2), Trade("粮油店", "grocery", 0.1),
        Trade("小卖部", "convenience", 0.1, inside=True),
    ),
    "repair": (
        Trade("家电维修部", "appliance_repair", 0.3), Trade("修鞋配钥匙", "shoes_and_keys", 0.3),
        Trade("手机维修店", "phone_repair", 0.2), Trade("电动车修理铺", "cycle_repair", 0.2),
    ),
    "personal": (
        Trade("理发店", "hairdresser", 0.5), Trade("美容美发", "hairdresser", 0.28),
        Trade("干洗店", "laundry", 0.22),
    ),
    "post": (
        Trade("快递驿站", "parcel_point", 0.44),
        Trade("智能快件箱", "parcel_locker", 0.37, inside=True),
        Trade("邮政所", "post_office", 0.1), Trade("缴费网点", "bill_payment", 0.09),
    ),
    "education": (Trade("幼儿园", "kindergarten", 0.7), Trade("托育园", "childcare", 0.3)),
    "leisure": (
        Trade("文化活动室", "culture_room", 0.5),
        Trade("健身点", "fitness_place", 0.5, inside=True),
    ),
    "public": (
        Trade("一站式窗口", "window", 0.3), Trade("便民服务站", "service_station", 0.35),
        Trade("警务室", "police", 0.35),
    ),
    "amenity": (
        Trade("公共厕所", "toilets", 0.2), Trade("再生资源回收点", "recycling", 0.16),
        Trade("银行网点", "bank", 0.32), Trade("照相文印", "photo_copy", 0.2),
        Trade("口腔诊所", "dentist", 0.12),
    ),
}  # fmt: skip
"""Kinds of each category of the standard, and what their signs say."""


@dataclass(frozen=True, slots=True)
class ParcelNames:
    """What each parcel is called.

    Attributes
    ----------
    zh : list of str
    word : list of str
        The first word alone, as shops nearby use it.
    """

    zh: list[str]
    word: list[str]
