import pytest

from tui.store.paths import Home
from tui.store.settings import Settings, SettingsError, load_settings


def refused(home: Home, text: str | bytes) -> str:
    home.settings_file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as caught:
        load_settings(home)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("config.toml: ")
    return message


def test_no_file_and_an_empty_one_mean_the_defaults(home: Home) -> None:
    assert load_settings(home) == Settings()
    home.settings_file.write_text("")
    assert load_settings(home) == Settings()


def test_every_setting_is_read(home: Home) -> None:
    home.settings_file.write_text(
        'model = "/models/sdxl"\ndevice = "cuda:3"\nprecision = "bfloat16"\nthreads = 8\n'
        "batch_size = 64\nworker_idle_minutes = 1\nengine_idle_minutes = 2.5\npreviews = false\n"
    )
    expected = Settings("/models/sdxl", "cuda:3", "bfloat16", 8, 64, 1, 2.5, False)
    assert load_settings(home) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("modle = 1", 'config.toml: "modle" is not a setting: did you mean "model"?'),
        ("BATCH_SIZE = 1", '"BATCH_SIZE" is not a setting: did you mean "batch_size"?'),
        ("[worker]\na = 1", '"worker" is not a setting: '),
        ("zzz = 1", '"zzz" is not a setting: the settings are model, device'),
        ("model = 1", '"model" is 1: give "starter", a folder'),
        ('model = ""', '"model" is "": give'),
        ('model = "a\\u001bb"', '"model" is "a b": give'),
        ('device = "gpu"', '"device" is "gpu": give "auto", "cpu", "cuda", one GPU'),
        ('device = "cuda:x"', '"device" is "cuda:x": give'),
        ('long_prompts = "whole"', 'give "chunks" or "cut"'),
        ('precision = "fp8"', '"precision" is "fp8": give "auto", "float32"'),
        ("model_folders = 1", '"model_folders" is 1: give a list of whole paths'),
        ('model_folders = ["models"]', '"model_folders" is a list: give a list of whole paths'),
        ("threads = -1", '"threads" is -1: give a whole number from 0'),
        ("threads = 1.5", '"threads" is 1.5: give a whole number'),
        ("threads = true", '"threads" is true: give a whole number'),
        ("batch_size = 0", '"batch_size" is 0: give a whole number from 1 to 64'),
        ("batch_size = 65", '"batch_size" is 65: give'),
        ('batch_size = "4"', '"batch_size" is "4": give'),
        ("worker_idle_minutes = nan", '"worker_idle_minutes" is nan: give minutes'),
        ("engine_idle_minutes = inf", '"engine_idle_minutes" is inf: give minutes'),
        ("engine_idle_minutes = -1", '"engine_idle_minutes" is -1: give minutes'),
        ("compile = 1", '"compile" is 1: give true or false'),
        ("previews = 1", '"previews" is 1: give true or false'),
        ("previews = []", '"previews" is a list: give'),
        ("previews = {}", '"previews" is a table: give'),
        ("previews = 2020-01-01", '"previews" is a date: give'),
        ("a = 1\nb = ", "line 2"),
        ("model = 'a'\nmodel = 'b'", "line 2"),
        ("threads = " + "9" * 5000, "too long or too deep"),
        ("a = " + "[" * 100_000, "too long or too deep"),
    ],
)
def test_each_mistake_has_its_sentence(home: Home, line: str, message: str) -> None:
    assert message in refused(home, line)


def test_what_is_not_utf8_names_its_line(home: Home) -> None:
    assert "line 2 is not UTF-8" in refused(home, b"threads = 1\nmodel = '\xff'")


def test_a_huge_file_is_not_read(home: Home) -> None:
    assert "too large" in refused(home, "#" * 2_000_000)


def test_a_folder_in_its_place_is_explained(home: Home) -> None:
    home.settings_file.mkdir()
    with pytest.raises(SettingsError, match=r"config\.toml: it is a folder"):
        load_settings(home)
