"""Settings: the table, the environment, and what is wrong with them."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.settings import Settings, help_for, read_settings, settings_table
from geo.errors import InputError


def test_every_setting_is_in_the_table_with_a_help():
    rows = settings_table()
    assert [row.variable for row in rows][:3] == [
        "LIFECIRCLE_DB",
        "LIFECIRCLE_DB_PASSWORD_FILE",
        "LIFECIRCLE_HOST",
    ]
    assert len(rows) == len(fields(Settings))
    assert all(row.help.endswith(".") for row in rows)


def test_defaults_listen_on_loopback(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LIFECIRCLE_DB", raising=False)
    settings = read_settings()
    assert (settings.host, settings.port, settings.db) == ("127.0.0.1", 8000, "lifecircle.gpkg")
    assert settings.max_points_per_batch == 100_000


def test_the_environment_is_read_and_options_win(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIFECIRCLE_PORT", "9000")
    assert read_settings().port == 9000
    assert read_settings(port=9001, host=None).port == 9001


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIFECIRCLE_PORT", "many")
    with pytest.raises(InputError, match="LIFECIRCLE_PORT = 'many'"):
        read_settings()


def test_the_command_line_lists_them():
    result = CliRunner().invoke(app, ["settings", "--json"])
    assert json.loads(result.stdout) == {"settings": [row._asdict() for row in settings_table()]}


def test_help_names_the_variable_and_the_default():
    assert help_for("db").endswith("[env: LIFECIRCLE_DB, default: lifecircle.gpkg]")


def test_compiled_networks_are_kept_in_the_users_cache(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LIFECIRCLE_CACHE")
    monkeypatch.setenv("HOME", "/home/li")
    for base, folder in (
        ("", "/home/li/.cache/lifecircle"),
        ("relative", "/home/li/.cache/lifecircle"),
        ("/var/cache/li", "/var/cache/li/lifecircle"),
    ):
        monkeypatch.setenv("XDG_CACHE_HOME", base)
        assert read_settings().cache_folder == Path(folder)
    assert read_settings(cache="~/networks").cache_folder == Path("/home/li/networks")
    assert read_settings(cache="").cache_folder is None
    assert read_settings(cache="~nobody-of-this-name/x").cache_folder is None
