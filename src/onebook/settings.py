"""One table of settings: defaults < ``onebook.toml`` < ``ONEBOOK_*`` environment < flags."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from onebook.errors import InvalidInput, Issue

CONFIG_FILE = "onebook.toml"


class Setting(NamedTuple):
    """One row: its name, default (whose type it has), unit, and one sentence."""

    name: str
    default: Any
    unit: str
    sentence: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"ONEBOOK_{self.name.upper()}"


SETTINGS = (
    Setting("host", "127.0.0.1", "address", "The address that the server listens on."),
    Setting("port", 8111, "port", "The port that the server listens on."),
    Setting("metrics_port", 0, "port", "The port at which a worker shows its figures, at /metrics; 0 means none."),
    Setting("data", "./data", "directory", "Where the database and spooled files are."),
    Setting("database", "", "URL", "The database; empty means the file onebook.db in the data directory."),
    Setting("connections", 16, "connections", "How many connections to PostgreSQL one process may hold; at least 4."),
    Setting("hosts", "", "list", "Host names that stand for a dialect, such as api.apptoto.example=apptoto."),
    Setting("fetch_allow", "", "list", "Entries host:port that may be fetched from although they are not public."),
    Setting("fetch_seconds", 30.0, "seconds", "How long a call may fetch a file."),
    Setting("fetch_bytes", 64 * 1024 * 1024, "bytes", "How large a file may be that a call fetches."),
    Setting("import_rows", 250_000, "rows", "How many rows one csv_url may have."),
    Setting("import_bytes", 5 << 30, "bytes", "How large a file to be imported may be, sent or fetched by its import."),
    Setting("import_seconds", 3600.0, "seconds", "How long sending a file to be imported, or fetching it, may take."),
    Setting("body_bytes", 16 * 1024 * 1024, "bytes", "How large a request's body may be."),
    Setting("batch", 10_000, "elements", "How many contacts one request may carry."),
    Setting("nesting", 64, "levels", "How deep the JSON of a request may be nested."),
    Setting("answer_hours", 48, "hours", "How long the answers to idempotency keys are kept; at least 24."),
    Setting("undo_days", 30, "days", "How long replaced generations and files of imports are kept."),
    Setting("log_level", "info", "level", "What is logged: debug, info, warning or error."),
    Setting("log_json", default=False, unit="flag", sentence="Whether log lines are JSON."),
    Setting("log_requests", default=False, unit="flag", sentence="Whether each request has its line in the log."),
    Setting("traces", "", "URL", "Where traces go, by OTLP over HTTP; needs the extra otel; empty means nowhere."),
)

BY_NAME = {setting.name: setting for setting in SETTINGS}


class Chosen(NamedTuple):
    """A setting's value, and where it came from: ``default``, a file, a variable or ``flag``."""

    value: Any
    source: str


class Settings(dict[str, Chosen]):
    """Every setting by name."""

    def __getattr__(self, name: str) -> Any:
        """The value of a setting."""
        try:
            return self[name].value
        except KeyError:
            raise AttributeError(name) from None

    @property
    def on_postgres(self) -> bool:
        """Whether the database is a PostgreSQL one."""
        return str(self.database).startswith(("postgresql://", "postgres://"))

    @property
    def database_path(self) -> Path:
        """The SQLite file. Raises: InvalidInput if the database is neither an SQLite nor a PostgreSQL URL."""
        url: str = self.database
        if not url:
            return Path(self.data) / "onebook.db"
        if not url.startswith("sqlite:///"):
            raise InvalidInput.of(
                "database",
                "unknown",
                "The database must be a URL such as sqlite:///data/onebook.db or postgresql://host/onebook.",
            )
        return Path(url.removeprefix("sqlite:///"))

    def entries(self, name: str) -> list[str]:
        """The entries of a list, which commas part."""
        return [entry.strip() for entry in str(self[name].value).split(",") if entry.strip()]


def load(flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Gather the settings.

    Args:
        flags: by name; None is "not given". environment: instead of the process's own, for tests.

    Raises: InvalidInput with an issue for each unknown name and each value of the wrong kind.
    """
    env = os.environ if environment is None else environment
    chosen = {setting.name: Chosen(setting.default, "default") for setting in SETTINGS}
    issues: list[Issue] = []
    file = Path(env.get("ONEBOOK_CONFIG", CONFIG_FILE))
    if file.is_file():
        _lay(chosen, _of_file(file, issues), str(file), issues)
    _lay(chosen, {s.name: env[s.variable] for s in SETTINGS if s.variable in env}, "environment", issues)
    _lay(chosen, {name: value for name, value in (flags or {}).items() if value is not None}, "flag", issues)
    if issues:
        raise InvalidInput(issues)
    return Settings(chosen)


def _of_file(file: Path, issues: list[Issue]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        issues.append(Issue(str(file), "unreadable", f"{file} is not a readable TOML file."))
        return {}


def _lay(chosen: dict[str, Chosen], values: Mapping[str, Any], source: str, issues: list[Issue]) -> None:
    for name, value in values.items():
        setting = BY_NAME.get(name)
        if setting is None:
            issues.append(Issue(name, "unknown", f"There is no setting {name}."))
            continue
        try:
            chosen[name] = Chosen(_cast(setting, value), source)
        except ValueError:
            kind = type(setting.default).__name__
            issues.append(Issue(name, "wrong_type", f"{name} must be a value of the kind {kind} ({setting.unit})."))


def _cast(setting: Setting, value: Any) -> Any:
    if isinstance(setting.default, bool):
        words = {
            "true": True,
            "1": True,
            "yes": True,
            "on": True,
            "false": False,
            "0": False,
            "no": False,
            "off": False,
        }
        if str(value).lower() not in words:
            raise ValueError(value)
        return words[str(value).lower()]
    if isinstance(value, bool) or (isinstance(setting.default, int) and isinstance(value, float)):
        raise ValueError(value)  # noqa: TRY004 - to the caller it is the same as a text that is no number
    return type(setting.default)(value)
