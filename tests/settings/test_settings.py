"""Settings: environment over file over default, and secrets that nobody is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from eabsensi import settings as settings_module
from eabsensi.errors import SettingsError
from eabsensi.settings import Settings, comm_key


def test_the_environment_wins_over_the_file(tmp_path):
    file = tmp_path / "eabsensi.toml"
    file.write_text('home = "/srv/a"\ndatabase_url = "postgresql://a/a"\ndevices = "/srv/d.yaml"\npolicy = "/srv/p"\n')
    loaded = Settings.load({}, file=file)
    assert loaded == Settings(Path("/srv/a"), "postgresql://a/a", Path("/srv/d.yaml"), Path("/srv/p"))
    environment = {
        "EABSENSI_HOME": "/srv/b",
        "EABSENSI_DATABASE_URL": "postgresql://b/b",
        "EABSENSI_DEVICES": "/b.yaml",
        "EABSENSI_POLICY": "/b",
    }
    loaded = Settings.load(environment, file=file)
    assert loaded == Settings(Path("/srv/b"), "postgresql://b/b", Path("/b.yaml"), Path("/b"))


def test_an_empty_variable_counts_as_unset(tmp_path):
    loaded = Settings.load({"EABSENSI_DATABASE_URL": "", "EABSENSI_POLICY": ""}, file=tmp_path / "none")
    assert (loaded.database_url, loaded.policy) == (None, None)


def test_the_database_url_may_be_a_credential(tmp_path):
    (tmp_path / "database-url").write_text("postgresql://secret/x\n")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert Settings.load(environment, file=tmp_path / "none").database_url == "postgresql://secret/x"


def test_settings_do_not_show_the_database_url():
    shown = repr(Settings.load({"EABSENSI_DATABASE_URL": "postgresql://u:verysecret@h/x"}, file=Path("/nonexistent")))
    assert "verysecret" not in shown


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('databse_url = "x"\n', "'databse_url' is no setting. Did you mean 'database_url'?"),
        ('EABSENSI_HOME = "x"\n', "'EABSENSI_HOME' is no setting. Did you mean 'home'?"),
        ("home = 3\n", "'home' must be text."),
        ("poll_seconds = true\n", "'poll_seconds' must be text."),
        ("home = \n", "is no valid TOML"),
        ('[eabsensi]\nhome = "x"\n', "'eabsensi' is no setting."),
    ],
)
def test_a_mistake_in_the_file_names_file_and_key(tmp_path, content, words):
    file = tmp_path / "eabsensi.toml"
    file.write_text(content)
    with pytest.raises(SettingsError) as caught:
        Settings.load({}, file=file)
    assert str(file) in str(caught.value)
    assert words in str(caught.value)


def test_a_person_keeps_things_in_their_own_folder_and_the_system_in_var(monkeypatch, tmp_path):
    monkeypatch.setattr(settings_module.os, "geteuid", lambda: 1000)
    assert Settings.load({"XDG_DATA_HOME": "/x"}, file=tmp_path / "none").home == Path("/x/eabsensi")
    assert Settings.load({}, file=tmp_path / "none").home == Path.home() / ".local/share/eabsensi"
    monkeypatch.setattr(settings_module.os, "geteuid", lambda: 0)
    assert Settings.load({}, file=tmp_path / "none").home == Path("/var/lib/eabsensi")


def test_devices_yaml_here_comes_before_that_of_the_system(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    system = tmp_path / "system.yaml"
    monkeypatch.setattr(settings_module, "SYSTEM_DEVICES_FILE", system)
    none = tmp_path / "none"
    assert Settings.load({}, file=none).devices_file == Path("devices.yaml")
    system.touch()
    assert Settings.load({}, file=none).devices_file == system
    Path("devices.yaml").touch()
    assert Settings.load({}, file=none).devices_file == Path("devices.yaml")


def test_a_comm_key_comes_from_the_credential_before_the_environment(tmp_path):
    environment = {"EABSENSI_COMM_KEY_PKM_1": "11"}
    assert comm_key("pkm-1", environment) == 11
    (tmp_path / "comm-key-pkm-1").write_text("022\n")
    assert comm_key("pkm-1", environment | {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == 22


def test_a_missing_comm_key_names_both_places():
    with pytest.raises(SettingsError) as caught:
        comm_key("dinkes", {})
    assert "comm-key-dinkes" in str(caught.value)
    assert "EABSENSI_COMM_KEY_DINKES" in str(caught.value)


@pytest.mark.parametrize("key", ["12x45", "-1", "1.5", "99999999999", "٣٤"])
def test_a_comm_key_that_is_none_is_refused_and_never_shown(key):
    with pytest.raises(SettingsError) as caught:
        comm_key("dinkes", {"EABSENSI_COMM_KEY_DINKES": key})
    assert key not in str(caught.value)
    assert "EABSENSI_COMM_KEY_DINKES" in str(caught.value)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b", "", "a/b", ".."])
def test_a_name_cannot_leave_the_credentials_folder(name):
    with pytest.raises(SettingsError, match="cannot be the name"):
        comm_key(name, {"CREDENTIALS_DIRECTORY": "/etc"})


def test_the_collector_s_pace_may_be_a_number_or_text(tmp_path):
    file = tmp_path / "eabsensi.toml"
    file.write_text('poll_seconds = 120\nlease_seconds = "45.5"\n')
    loaded = Settings.load({"EABSENSI_POLL_SECONDS": "60"}, file=file)
    assert (loaded.poll_seconds, loaded.lease_seconds, loaded.silence_seconds) == (60.0, 45.5, None)


@pytest.mark.parametrize(
    ("key", "value", "bounds"),
    [
        ("poll_seconds", "0", "from 1 to 3600"),
        ("poll_seconds", "often", "from 1 to 3600"),
        ("lease_seconds", "4.9", "from 5 to 600"),
        ("lease_seconds", "nan", "from 5 to 600"),
        ("silence_seconds", "91", "from 1 to 90"),
    ],
)
def test_a_pace_that_makes_no_sense_is_refused(tmp_path, key, value, bounds):
    with pytest.raises(SettingsError) as caught:
        Settings.load({f"EABSENSI_{key.upper()}": value}, file=tmp_path / "none")
    assert f"{key} = '{value}' is no number of seconds {bounds}. Correct EABSENSI_{key.upper()} or {key} in" in str(
        caught.value
    )
