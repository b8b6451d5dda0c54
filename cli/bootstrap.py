"""Prepare `.venv` from the hashed lock and become `python -m cli` in it. Standard library only.

Run by the shell launcher with whatever Python it found. A stamp makes every later start instant.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "renovatiehub.json"
NEEDED_BYTES = 1_500_000_000

DISK_FULL = ("No space left on device", "os error 28", "Errno 28", "Disk quota exceeded")
UNTRUSTED = ("invalid peer certificate", "CERTIFICATE_VERIFY_FAILED")
OFFLINE = (
    "error sending request",
    "dns error",
    "Failed to fetch",
    "Could not connect",
    "Connection refused",
    "Max retries exceeded",
    "NewConnectionError",
    "NameResolutionError",
    "Network is unreachable",
    "No matching distribution found for uv",
    "timed out",
)


class SetupError(Exception):
    """One sentence that says what went wrong and what to do."""


def digest(*names: str) -> str:
    """Return one hash over the contents of files below the repository."""
    total = hashlib.sha256()
    for name in names:
        total.update((ROOT / name).read_bytes())
    return total.hexdigest()


def wanted_stamp(kind: str) -> dict[str, str]:
    """Say what the environment must have been made of; `kind` is hub or test."""
    stamp = {
        "root": str(ROOT),
        "python": sys.version.split()[0],
        "base": os.path.realpath(sys.base_prefix),
        "hub": digest("requirements/hub.txt", "requirements/uv.txt"),
        "project": digest("pyproject.toml"),
    }
    if kind == "test":
        stamp["test"] = digest("requirements/test.txt")
    return stamp


def read_stamp() -> dict[str, str]:
    """Return what the present environment was made of; empty when there is none."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def wanted_kind(arguments: list[str]) -> str:
    """Say what the sub-command needs; an environment made for tests stays good for them."""
    return "test" if arguments[:1] == ["test"] or "test" in read_stamp() else "hub"


def is_ready(kind: str) -> bool:
    """Tell whether `.venv` holds what is wanted (the test lock is a superset of the hub's)."""
    present = read_stamp()
    return all(present.get(key) == value for key, value in wanted_stamp(kind).items())


def explain(step: str, output: str) -> str:
    """Turn a tool's failed output into one sentence for the user."""
    if any(sign in output for sign in DISK_FULL):
        return f"{step} failed because the disk is full; free about 2 GB and run it again."
    if "hash" in output.lower() and "mismatch" in output.lower():
        return (
            f"{step} failed because a package differs from its hash in requirements/; "
            "do not install it, and check the package registry you use."
        )
    if any(sign in output for sign in UNTRUSTED):
        return (
            f"{step} failed because this system does not trust the package registry's "
            "certificate; name the right authorities in SSL_CERT_FILE, and run it again."
        )
    if any(sign in output for sign in OFFLINE):
        return (
            f"{step} failed because the package registry cannot be reached; "
            "check the network, the proxy or the registry setting, and run it again."
        )
    tail = [line.strip() for line in output.splitlines() if line.strip()]
    return f"{step} failed: {tail[-1] if tail else 'the tool said nothing'}"


def require_space(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Refuse to begin on a disk that cannot hold the environment.

    Raises:
        SetupError: less than `needed` bytes are free.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SetupError(
            f"the disk of {folder} has {free // 1_000_000} MB free and the first set-up needs "
            f"{needed // 1_000_000} MB; free some space and run it again."
        )


def run(step: str, command: list[str], env: dict[str, str]) -> None:
    """Run one step of the set-up and show that it is alive.

    Raises:
        SetupError: it failed, with the cause in one sentence.
    """
    begun = time.monotonic()
    terminal = sys.stderr.isatty()
    if not terminal:
        print(f"{step} ...", file=sys.stderr, flush=True)
    try:
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env
            )
            tick = 0
            while process.poll() is None:
                if terminal:
                    bar = "".join("━" if (tick - i) % 20 < 6 else "─" for i in range(20))
                    passed = time.monotonic() - begun
                    print(f"\r\033[K{step} {bar} {passed:.0f} s", end="", file=sys.stderr)
                    sys.stderr.flush()
                tick += 1
                time.sleep(0.1)
            output.seek(0)
            said = output.read()
    except OSError as error:
        raise SetupError(explain(step, str(error))) from None
    passed = time.monotonic() - begun
    if process.returncode != 0:
        if terminal:
            print(file=sys.stderr)
        raise SetupError(explain(step, said))
    start = "\r\033[K" if terminal else ""
    print(f"{start}{step}: done in {passed:.0f} s", file=sys.stderr, flush=True)


@contextmanager
def exclusively() -> Iterator[None]:
    """Let one launcher at a time touch `.venv`; the others wait."""
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is preparing .venv: waiting for it ...", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def installer_environment() -> dict[str, str]:
    """Return the environment in which the installer runs."""
    env = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    env["UV_PYTHON_DOWNLOADS"] = "never"
    trusted = ssl.get_default_verify_paths()
    if trusted.cafile or trusted.capath:
        # Where a network has a certificate authority of its own, only the system knows it.
        env.setdefault("UV_SYSTEM_CERTS", "1")
    return env


def prepare(kind: str) -> None:
    """Make or refresh `.venv` with exactly the hashed lock, and the project itself in it.

    Raises:
        SetupError: a step failed.
    """
    wanted, present = wanted_stamp(kind), read_stamp()
    python, uv = str(VENV / "bin" / "python"), str(VENV / "tools" / "bin" / "uv")
    base = getattr(sys, "_base_executable", None) or sys.executable
    env = installer_environment()
    same = all(present.get(key) == wanted[key] for key in ("root", "python", "base"))
    if not same:
        require_space(ROOT)
        if VENV.exists():
            shutil.rmtree(VENV)
        major_minor = ".".join(wanted["python"].split(".")[:2])
        run(
            f"[1/4] Making .venv with Python {major_minor}",
            [base, "-I", "-m", "venv", "--without-pip", str(VENV)],
            env,
        )
    STAMP.unlink(missing_ok=True)
    if not same or present.get("hub") != wanted["hub"] or not os.access(uv, os.X_OK):
        tools = VENV / "tools"
        shutil.rmtree(tools, ignore_errors=True)
        script = (
            "import subprocess, sys, venv; venv.create(sys.argv[1], with_pip=True);"
            "sys.exit(subprocess.call([sys.argv[1] + '/bin/python', '-I', '-m', 'pip', 'install',"
            "'--quiet', '--disable-pip-version-check', '--retries', '2', '--only-binary', ':all:',"
            "'--require-hashes', '-r', sys.argv[2]]))"
        )
        uv_lock = str(ROOT / "requirements" / "uv.txt")
        run("[2/4] Fetching the installer", [base, "-I", "-c", script, str(tools), uv_lock], env)
    lock = ROOT / "requirements" / f"{kind}.txt"
    count = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    common = ["--python", python, "--quiet"]
    run(
        f"[3/4] Installing up to {count} packages",
        [uv, "pip", "sync", *common, "--require-hashes", "--compile-bytecode", str(lock)],
        env,
    )
    run(
        "[4/4] Installing the hub itself",
        [
            uv, "pip", "install", *common, "--offline", "--no-deps", "--no-build-isolation",
            "--editable", str(ROOT),
        ],
        env,
    )  # fmt: skip
    try:
        STAMP.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
    except OSError as error:
        raise SetupError(explain("The set-up", str(error))) from None


def become(python: str, arguments: list[str]) -> NoReturn:
    """Replace this process by the sub-command."""
    sys.stderr.flush()
    os.execv(python, [python, "-P", "-m", "cli", *arguments])  # noqa: S606


def main(arguments: list[str]) -> NoReturn:
    """Prepare what the sub-command needs, then become it."""
    kind = wanted_kind(arguments)
    if not is_ready(kind):
        if not arguments or "-h" in arguments or "--help" in arguments:
            # Help needs nothing but this Python.
            sys.path.insert(0, str(ROOT))
            from cli.main import main as cli_main

            sys.exit(cli_main(arguments))
        try:
            with exclusively():
                if not is_ready(kind):
                    prepare(kind)
        except SetupError as error:
            sys.exit(f"renovatiehub: {error}")
        except OSError as error:
            sys.exit(f"renovatiehub: {explain('The set-up', str(error))}")
        except KeyboardInterrupt:
            sys.exit("\nrenovatiehub: the set-up was interrupted; run it again to go on.")
    become(str(VENV / "bin" / "python"), arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
