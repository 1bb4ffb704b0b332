import pytest

from workbench import settings
from workbench.errors import SettingsError


def test_a_misspelt_key_comes_with_the_nearest_name(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        '[outcomes]\nsucces = ["housed"]\n[sources.contacts]\nfile="a.csv"\ncolums={}\n'
    )
    with pytest.raises(SettingsError) as problem:
        settings.read(file)
    assert problem.value.problems == (
        "own.toml: sources.contacts.colums: is not a setting. Did you mean 'columns'?",
        "own.toml: outcomes.succes: is not a setting. Did you mean 'success'?",
    )


def test_unknown_tables_columns_and_files_come_with_the_nearest_name(tmp_path):
    with pytest.raises(SettingsError, match=r"no table 'contact'. Did you mean 'contacts'\?"):
        settings.build({"sources": {"contact": {"file": "a.csv"}}})
    with pytest.raises(SettingsError, match=r"no column 'chanel'. Did you mean 'channel'\?"):
        settings.build({"sources": {"contacts": {"file": "a", "columns": {"chanel": "How"}}}})
    with pytest.raises(SettingsError, match=r"no file 'settings/sampel.toml'. Did you mean"):
        settings.read("settings/sampel.toml")
    with pytest.raises(SettingsError, match=r"no built-in settings 'hims'. Did you mean 'hmis'\?"):
        settings.build({"base": "hims"})


def test_settings_that_contradict_themselves_are_refused():
    with pytest.raises(SettingsError, match="'lost contact' stands twice"):
        settings.build({"exits": {"disengagement": ["lost contact"], "neither": ["lost contact"]}})
    with pytest.raises(SettingsError, match=r"the profile .exact. needs its reason"):
        settings.build({"disclosure": {"profile": "exact"}})
    with pytest.raises(SettingsError, match=r"disclosure.profile: Input should be 'rounded7'"):
        settings.build({"disclosure": {"profile": "none"}})
    with pytest.raises(SettingsError, match="contacts has no column 'date'"):
        settings.build({"measures": {"calls": {"count": "contacts", "date": "date"}}})


def test_own_settings_are_laid_over_the_built_in_ones():
    own = settings.build({"base": "hmis", "organisation": {"name": "Harbour House"}})
    assert own.data.reader == "hmis"
    assert own.organisation.name == "Harbour House"
    assert own.outcomes.success == settings.built_in("hmis").outcomes.success


def test_a_file_that_is_not_toml_says_so(tmp_path):
    (tmp_path / "own.toml").write_text("[outcomes\n")
    with pytest.raises(SettingsError, match=r"own.toml: this is not TOML that can be read"):
        settings.read(tmp_path / "own.toml")
