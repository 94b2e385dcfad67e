from boundaries.standards.catalogue import load_standard
from maps.words.walker import walker_words


def test_speed_and_rules_in_words():
    standard, _, adult, elderly, wheelchair, _ = load_standard().profiles
    assert walker_words(standard, "en") == "1.111 m/s"
    assert walker_words(adult, "zh") == "1.25 米/秒，坡道按 Tobler 函数计"
    assert walker_words(elderly, "en") == (
        "0.8 m/s, steps count 2 times, slope-adjusted (Tobler), 10 s at each crossing"
    )
    assert walker_words(wheelchair, "zh").split("，") == [
        "0.8 米/秒", "不走自动扶梯、爬梯、台阶", "每爬升 1 米按 7.92 米路程计",
        "不走坡度超过 8.3% 的路", "每次过街等 10 秒",
    ]  # fmt: skip
    assert walker_words(wheelchair, "en").split(", ") == [
        "0.8 m/s", "no escalators or ladders or steps", "each metre climbed = 7.92 m",
        "no slope above 8.3 %", "10 s at each crossing",
    ]  # fmt: skip
