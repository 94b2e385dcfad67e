"""The number of files that a process may have open; every connection is one."""

import resource


def raise_open_files(wanted: int) -> int:
    """Let this process open `wanted` files, as far as the system lets it; return how many it may.

    Examples
    --------
    >>> raise_open_files(1) > 1
    True
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft
