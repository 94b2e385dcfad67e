"""What an office called the columns of a layer when it loaded it before."""

from boundaries.store.interface import Store


def remembered_columns(store: Store | None, code: str, layer: str, actor: str) -> dict[str, str]:
    """Return what the newest import of a layer that was told columns, by the same actor, was told.

    Parameters
    ----------
    store : Store or None
    code, layer : str
    actor : str
        Who loads: an office, or a person of it, by the account or the name of the system.

    Returns
    -------
    dict of str to str
        Columns of ours, and what files of that office call them; empty if nobody told any.
    """
    if store is None or code not in {district.code for district in store.districts()}:
        return {}
    for record in reversed(store.imports(code)):
        account = record.report.layers.get(layer)
        if account is None or not account.columns_told or record.undone is not None:
            continue
        made = record.revision
        changes = store.changes(code, after=made - 1, before=made + 1)
        if changes and changes[0].actor == actor:
            return dict(account.columns_told)
    return {}
