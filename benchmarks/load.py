"""A load generator: so many kept connections, each with one request at a time, as it comes back.

Clients that parse what they get cost more than the servers measured here. This one reads the length
of a body and counts; a body is looked at once, before. Run as a process of its own:
``python -m benchmarks.load PORT PATH CONNECTIONS SECONDS [HEADER: VALUE]``.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What came back.

    Attributes
    ----------
    per_s : float
        Answers per second.
    median_ms, worst_ms : float
        From request to the last byte.
    status : int
    size : int
        Bytes of one body, as sent.
    """

    per_s: float
    median_ms: float
    worst_ms: float
    status: int
    size: int


def load(
    port: int,
    path: str,
    *,
    connections: int = 16,
    seconds: float = 3.0,
    headers: tuple[str, ...] = (),
) -> Load:
    """Put a server on loopback under load from another process."""
    arguments = [str(port), path, str(connections), str(seconds), *headers]
    command = [sys.executable, "-m", "benchmarks.load", *arguments]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return Load(**json.loads(ran.stdout))


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, int]:
    """Send one request and read its answer; return status and bytes of the body."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        size = int(lower[at + 15 : lower.index(b"\r\n", at)])
        if size and status != 304:
            await reader.readexactly(size)
        return status, size
    size = 0
    while b"transfer-encoding: chunked" in lower:
        count = int(await reader.readuntil(b"\r\n"), 16)
        await reader.readexactly(count + 2)
        size += count
        if not count:
            break
    return status, size


async def _one(
    port: int, request: bytes, until: float, taken: list[float], seen: set[tuple[int, int]]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**26)
    try:
        while (began := time.perf_counter()) < until:
            seen.add(await _ask(reader, writer, request))
            taken.append(time.perf_counter() - began)
    finally:
        writer.close()


async def _run(port: int, request: bytes, connections: int, seconds: float) -> Load:
    taken: list[float] = []
    seen: set[tuple[int, int]] = set()
    began = time.perf_counter()
    until = began + seconds
    await asyncio.gather(*(_one(port, request, until, taken, seen) for _ in range(connections)))
    took = time.perf_counter() - began
    if len(seen) != 1:
        raise SystemExit(f"answers differ: {sorted(seen)}")
    ((status, size),) = seen
    taken.sort()
    return Load(len(taken) / took, taken[len(taken) // 2] * 1e3, taken[-1] * 1e3, status, size)


def main(port: str, path: str, connections: str, seconds: str, *headers: str) -> None:
    """Print the figures as JSON."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", ""]
    request = "\r\n".join(lines).encode()
    result = asyncio.run(_run(int(port), request, int(connections), float(seconds)))
    print(json.dumps(result.__dict__))


if __name__ == "__main__":
    main(*sys.argv[1:])
