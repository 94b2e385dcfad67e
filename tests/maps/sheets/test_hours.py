"""Opening hours in words."""

import pytest

from maps.sheets.hours import hours_words


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("24/7", "24 小时", "24 hours"),
        ("Mo-Su 00:00-24:00", "24 小时", "24 hours"),
        ("Mo-Su 06:30-20:00", "每天 06:30-20:00", "daily 06:30-20:00"),
        ("Mo-Fr 08:00-17:00; Sa,Su off", "周一至周五 08:00-17:00；周六,周日 休息",
         "Mon to Fri 08:00-17:00; Sat,Sun closed"),
        ("PH off", "法定节假日 休息", "public holidays closed"),
        ("sunrise-sunset", "sunrise-sunset", "sunrise-sunset"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_hours_are_said_in_words_and_what_is_not_understood_stays(text, zh, en):
    assert (hours_words(text, "zh"), hours_words(text, "en")) == (zh, en)
