"""Result tables as CSV bytes, the same for the service and the command line."""

import pandas as pd


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return `table` as CSV in UTF-8, empty where there is no value.

    A byte order mark goes first where there is anything but ASCII: without it Excel garbles
    Chinese, and where everything is ASCII it would only get in the way of simple readers.
    """
    text = table.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")
