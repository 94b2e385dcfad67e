"""Coverage-guided fuzzing of the readers: ``python -m tests.attacks.fuzz_readers NAME [MINUTES]``.

Each reader runs in a process of its own, with limits of memory and of time per file; what made it
crash, hang or swell is left in ``fuzz/NAME`` for a test to be made of it.
"""

import subprocess
import sys
from pathlib import Path

import atheris

MINUTES = 10.0
MEMORY_MB, FILE_S, LONGEST_BYTES = 2_048, 20, 1 << 17
FOUND = Path("fuzz")


def fuzz(name: str, minutes: float) -> None:
    """Fuzz one reader in this process until the time is over or something is found."""
    with atheris.instrument_imports(include=["boundaries", "geo"]):
        from tests.attacks.readers import read_or_refuse, seeds_of
    corpus = FOUND / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds_of(name)):
        (corpus / f"seed-{number}").write_bytes(seed)

    def one(data: bytes) -> None:
        read_or_refuse(name, data)

    flags = {
        "max_total_time": round(minutes * 60),
        "rss_limit_mb": MEMORY_MB,
        "malloc_limit_mb": MEMORY_MB,
        "timeout": FILE_S,
        "max_len": LONGEST_BYTES,
        "len_control": 0,
        "print_final_stats": 1,
    }
    words = [f"-{flag}={value}" for flag, value in flags.items()]
    atheris.Setup([name, *words, f"-artifact_prefix={FOUND / name}/", str(corpus)], one)
    atheris.Fuzz()


def main(names: list[str], minutes: float) -> int:
    """Fuzz readers one after another; return how many of them failed."""
    failed = []
    for name in names:
        command = [sys.executable, "-m", __spec__.name, "--one", name, str(minutes)]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    sys.stdout.write(f"readers that failed: {', '.join(failed) or 'none'}\n")
    return len(failed)


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["--one"]:
        fuzz(words[1], float(words[2]))
    else:
        from tests.attacks.readers import TARGETS

        spans = [float(word) for word in words if word.replace(".", "").isdigit()]
        chosen = [word for word in words if word in TARGETS] or list(TARGETS)
        sys.exit(main(chosen, *(spans or [MINUTES])))
