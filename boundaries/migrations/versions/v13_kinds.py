"""A service point has a kind, and a category is one need: points go to the category they meet.

Toilets were "public", parks "edu_culture", cash machines "post_fin". What meets no category goes to
`amenity`. The raw tag or local term in `sub` becomes the id of a kind; what is not known stays.
"""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_KINDS: Final = {
    "catering/breakfast": "早餐店",
    "catering/canteen": "社区食堂",
    "catering/restaurant": "amenity=restaurant 面馆 水饺馆 家常菜馆",
    "catering/fast_food": "amenity=fast_food 快餐店",
    "catering/food_court": "amenity=food_court",
    "catering/cafe": "amenity=cafe",
    "household/cleaning": "craft=cleaning 保洁服务站",
    "household/domestic_help": "家政服务部 月嫂中心",
    "medical/pharmacy": "amenity=pharmacy healthcare=pharmacy 药店",
    "medical/health_station": "社区卫生服务站",
    "medical/health_centre": "healthcare=centre 社区卫生服务中心",
    "medical/clinic": "amenity=clinic amenity=doctors",
    "medical/hospital": "amenity=hospital healthcare=hospital",
    "elderly/day_care": "social_facility=day_care 日间照料中心",
    "elderly/senior_meals": "老年助餐点",
    "elderly/nursing_home": "social_facility=nursing_home social_facility=assisted_living "
                            "amenity=nursing_home 养老服务中心",
    "shopping/convenience": "shop=convenience 便利店 小卖部",
    "shopping/supermarket": "shop=supermarket 超市 小超市",
    "shopping/greengrocer": "shop=greengrocer 果蔬店",
    "shopping/grocery": "粮油店",
    "shopping/market": "amenity=marketplace 菜市场",
    "repair/appliance_repair": "shop=repair craft=electronics_repair 家电维修部",
    "repair/phone_repair": "手机维修店",
    "repair/shoes_and_keys": "craft=shoemaker shop=locksmith 修鞋配钥匙",
    "repair/cycle_repair": "电动车修理铺",
    "personal/laundry": "shop=laundry shop=dry_cleaning 干洗店",
    "personal/hairdresser": "shop=hairdresser 理发店 美容美发",
    "post/parcel_point": "快递驿站",
    "post/parcel_locker": "amenity=parcel_locker 智能快件箱",
    "post/post_office": "amenity=post_office 邮政所 邮局",
    "post/bill_payment": "缴费网点",
    "education/childcare": "amenity=childcare 托育园",
    "education/kindergarten": "amenity=kindergarten 幼儿园",
    "education/primary_school": "小学",
    "education/school": "amenity=school 中学",
    "leisure/library": "amenity=library 图书馆",
    "leisure/culture_room": "amenity=community_centre 文化活动室",
    "leisure/fitness_place": "leisure=fitness_station 健身点",
    "leisure/sports_centre": "leisure=sports_centre 体育馆",
    "public/window": "一站式窗口",
    "public/service_station": "便民服务站 党群服务站",
    "public/service_centre": "街道便民服务中心 便民服务中心 党群服务中心",
    "public/government_office": "amenity=townhall office=government",
    "public/police": "amenity=police 警务室 派出所",
    "public/legal_advice": "法律咨询",
    "public/incubator": "incubator 社会组织孵化基地",
    "amenity/toilets": "amenity=toilets 公共厕所",
    "amenity/recycling": "amenity=recycling 再生资源回收点 再生资源回收",
    "amenity/atm": "amenity=atm",
    "amenity/bank": "amenity=bank 银行网点",
    "amenity/park": "leisure=park 公园",
    "amenity/dentist": "healthcare=dentist 口腔诊所",
    "amenity/beauty": "shop=beauty",
    "amenity/employment_agency": "office=employment_agency",
    "amenity/pump_station": "amenity=bicycle_repair_station",
    "amenity/photo_copy": "照相文印",
}  # fmt: skip
"""Kind of a category: the values of `sub` that it had, and what names say of what was split."""

_KNOWN: Final = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_SPLIT: Final = {
    "post_fin": ("post", "amenity"),
    "edu_culture": ("education", "leisure", "amenity"),
    "public": ("public", "amenity"),
}
"""Categories that were split, and their parts; points of which nothing is known go to the first."""

_NURSING: Final = ("日间照料", "托老", "助老")


def upgrade() -> None:
    """Sort the points there are and those of the past."""
    for name in ("service_points", "past_service_points"):
        columns = [sa.column(each, sa.Text) for each in ("fid", "category", "sub", "name")]
        table = sa.table(name, *columns)
        rows = op.get_bind().execute(sa.select(*columns)).fetchall()
        changed = [
            {"at": fid, "new_category": after[0], "new_sub": after[1]}
            for fid, *before in rows
            if (after := kind_of_before(*before)) != tuple(before[:2])
        ]
        statement = (
            sa.update(table)
            .where(table.c.fid == sa.bindparam("at"))
            .values(category=sa.bindparam("new_category"), sub=sa.bindparam("new_sub"))
        )
        if changed:
            op.get_bind().execute(statement, changed)


def kind_of_before(category: str, sub: str, name: str) -> tuple[str, str]:
    """Return the category and kind of a point."""
    known = _KNOWN.get(sub) or next(_by_rule(category, sub, name), None)
    if known is not None:
        group, _, kind = known.partition("/")
        return group, kind
    return _SPLIT.get(category, (category,))[0], sub


def _by_rule(category: str, sub: str, name: str) -> Iterator[str]:
    """Yield what rules for any value of a key, or for names, had made of an object."""
    if sub.startswith("healthcare="):
        yield "amenity/other_health"
    if category == "household" and sub.startswith(("shop=", "office=", "craft=")):
        yield "household/cleaning" if "保洁" in name else "household/domestic_help"
    if category == "elderly" and sub.startswith(("amenity=", "social_facility=", "office=")):
        day = any(word in name for word in _NURSING)
        yield "elderly/day_care" if day else "elderly/nursing_home"
    parts = _SPLIT.get(category, ())
    said = [word for word, kind in _KNOWN.items() if word in name and kind.split("/")[0] in parts]
    if said:
        yield _KNOWN[max(said, key=len)]
