import re
import shutil
from pathlib import Path

import pytest
import yaml

from notigate import plugins
from notigate.documents import bind_mapping

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "dingtalk"
PAGE = (ROOT / "docs" / "howto" / "add-a-channel.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def test_the_page_shows_every_file_of_the_example():
    assert set(FILES) == {file.name for file in EXAMPLE.iterdir() if file.is_file()}


@pytest.mark.parametrize("name", FILES)
def test_the_page_shows_the_file_as_it_is(name):
    assert FILES[name] == (EXAMPLE / name).read_text(encoding="utf-8")


def test_the_section_of_the_page_opens_the_channel(tmp_path, monkeypatch):
    monkeypatch.setenv("DINGTALK_WEBHOOK", "https://oapi.dingtalk.com/robot/send?access_token=canary")
    monkeypatch.setenv("DINGTALK_SECRET", "SEC-canary")
    Path(shutil.copy(EXAMPLE / "notigate_dingtalk.py", tmp_path)).chmod(0o600)
    project = yaml.safe_load(re.search(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1])
    section = dict(project["channels"]["group"])
    spec = plugins.load(project["plugins"], tmp_path).spec(section.pop("plugin"))
    settings = bind_mapping(section, spec.settings)
    assert settings.webhook.reveal() == "https://oapi.dingtalk.com/robot/send?access_token=canary"
