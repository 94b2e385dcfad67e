"""The API document in Chinese: no sentence is left in English, and none is translated in vain."""

import re

from api.documentation import API, chinese, on_one_line

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NO_SENTENCE = {"0..1.", "UTC，ISO 8601。"}


def texts(node):
    """Yield what a document tells, each on one line."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("summary", "description") and isinstance(value, str):
                yield on_one_line(value)
            elif name not in {"examples", "example"}:
                yield from texts(value)
    elif isinstance(node, list):
        for each in node:
            yield from texts(each)


def test_everything_is_told_in_chinese(client):
    told = set(texts(client.get("/openapi.json", params={"lang": "zh"}).json()))
    english = sorted(text for text in told if not CHINESE.search(text))
    assert [text for text in english if re.search(r"[a-z]{2,} [a-z]{2,}", text)] == []


def test_nothing_is_translated_in_vain(client):
    told = set(texts(client.get("/openapi.json").json()))
    assert sorted(set(chinese(API)) - told) == []
    assert sorted(told - set(chinese(API))) == []


def test_the_language_of_the_header_counts_as_well(client):
    answer = client.get("/openapi.json", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert answer.headers["Content-Language"] == "zh"
    assert "Accept-Language" in answer.headers["Vary"]
    assert "一刻钟便民生活圈" in answer.json()["info"]["description"]
