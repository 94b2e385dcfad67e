"""Messages in a column of texts: as JSON, with their text in both languages beside it."""

import json
from typing import Final

from geo.messages import Message

_BEGINS: Final = '{"code":'
"""How a message begins in a column."""


def message_as_text(message: Message | str) -> str:
    """Return what a column keeps: a text as it is, a message as JSON.

    Beside the message stands its text in both languages, for programs that show the column as it
    is.
    """
    stored = message.as_json() if isinstance(message, Message) else message
    if not isinstance(message, Message) or isinstance(stored, str):
        return str(stored)
    text = f"{message.text('zh')} / {message.text('en')}"
    return json.dumps({**stored, "text": text}, ensure_ascii=False)


def message_of(text: str) -> Message:
    """Return the message of a text of a column; a text that somebody wrote is of no language.

    Examples
    --------
    >>> message_of(message_as_text(Message("errors.storage_full"))).text("zh")[:4]
    '存储空间'
    >>> str(message_of("as it came")), str(message_of('{"code": "a.b"}'))
    ('as it came', '{"code": "a.b"}')
    """
    if not text.startswith(_BEGINS):
        return Message(text)
    try:
        message = Message.from_json(json.loads(text))
        message.text()
    except (ValueError, LookupError, TypeError, AttributeError):  # of somebody, or a newer program
        return Message(text)
    return message
