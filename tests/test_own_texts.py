"""Occasions of one's own: begun, listed, and described to editors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from notigate import plugins, schemas
from notigate.catalogue import Catalogue, packaged, scaffold
from notigate.catalogue.folders import Home
from notigate.documents import parse
from notigate.documents.nodes import Node
from notigate.documents.scalars import free
from notigate.errors import NotigateError, UsageError
from notigate.gateway import Gateway
from notigate.lint import lint
from notigate.render import Context

ROOT = Path(__file__).parents[1]


def notigate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "notigate", *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False, env=os.environ | {"NOTIGATE_LANG": "en"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "p"
    assert notigate("init", folder, "--sample").returncode == 0
    return folder


@pytest.fixture
def gateway(sample):
    with Gateway.open(sample) as opened:
        yield opened


# Begun


def test_a_new_occasion_is_one_that_lint_has_nothing_to_say_against(tmp_path):
    files = scaffold.begin(tmp_path, "service/garden-day", ["ja", "en"])
    assert {file.name for file in files} == {"occasion.yaml"} | {
        f"{locale}.{medium}.txt" for locale in ("zh_Hans", "zh_Hant", "en", "ja") for medium in ("sms", "email")
    }
    context = Context(
        project={"name": "青年城", "hotline": "400-600-0000", "closing": "【{name}】"}, today=date(2026, 11, 21)
    )
    assert list(lint(Catalogue.open([tmp_path]), ["service/garden-day"], context, "青年城")) == []


def test_a_copy_holds_every_file_as_it_is_and_goes_before_what_we_ship(tmp_path):
    model = Home(folder=packaged(), name="holiday/mid-autumn")
    files = scaffold.begin(tmp_path, "holiday/mid-autumn", model=model)
    for file in files:
        assert file.read_bytes() == (packaged() / "holiday/mid-autumn" / file.name).read_bytes()
    assert Catalogue.open([tmp_path]).home("holiday/mid-autumn").folder == tmp_path


def test_a_rehearsal_writes_nothing(tmp_path):
    assert scaffold.begin(tmp_path, "service/own", dry_run=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "own", "a/b/c", "/etc/own", "a/..", "a/.hidden", "a/\n", "节日/中秋", ""]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="no name of an occasion"):
        scaffold.begin(tmp_path / "templates", name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    scaffold.begin(tmp_path, "service/own")
    text = tmp_path / "service/own/en.sms.txt"
    text.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        scaffold.begin(tmp_path, "service/own")
    assert text.read_text(encoding="utf-8") == "mine"


# Listed


def test_the_list_tells_where_each_occasion_comes_from(sample, gateway):
    scaffold.begin(sample / "templates", "holiday/mid-autumn", model=Home(folder=packaged(), name="holiday/mid-autumn"))
    scaffold.begin(sample / "templates", "service/garden-day")
    (sample / "templates/service/garden-day/en.sms.txt").write_text("{{ oops }}", encoding="utf-8")
    listed = {one.occasion: one for one in gateway.texts.listings()}
    assert (listed["holiday/mid-autumn"].source, listed["holiday/mid-autumn"].replaces) == ("project", True)
    assert (listed["service/birthday"].source, listed["service/birthday"].replaces) == ("packaged", False)
    assert (listed["service/birthday"].switched_on, listed["service/garden-day"].switched_on) == (True, False)
    assert "oops" in str(listed["service/garden-day"].fault)
    assert {(text.medium, text.locale) for text in listed["service/birthday"].texts} == {
        (medium, locale) for medium in ("sms", "email") for locale in ("zh_Hans", "zh_Hant", "en")
    }


def test_a_digest_follows_the_words_and_nothing_else(tmp_path):
    scaffold.begin(tmp_path, "service/own")
    file = tmp_path / "service/own/en.sms.txt"
    before = Catalogue.open([tmp_path]).text("service/own", "sms", "en").digest
    words = file.read_text(encoding="utf-8")
    file.write_text(f"\n{words.replace('{{ greeting }}', '{{greeting}}')}\n\n", encoding="utf-8")
    assert Catalogue.open([tmp_path]).text("service/own", "sms", "en").digest == before
    file.write_text(words.replace("news", "a word"), encoding="utf-8")
    assert Catalogue.open([tmp_path]).text("service/own", "sms", "en").digest != before


# Described to editors


def as_editors_see(node: Node) -> object:
    """As YAML 1.2 reads it: what looks like a number is one."""
    if node.value is None:
        return None
    if isinstance(node.value, tuple):
        return [as_editors_see(item) for item in node.items]
    if isinstance(node.value, str):
        return free(node.value) if node.plain else node.value
    return {key: as_editors_see(item) for key, item in node.entries.items()}


def faults(schema, text):
    return [fault.message for fault in jsonschema.Draft7Validator(schema).iter_errors(as_editors_see(parse(text).root))]


@pytest.fixture(scope="module")
def settings_schema(tmp_path_factory):
    made = schemas.settings(plugins.load((), tmp_path_factory.mktemp("none"), everything=True).specs.values())
    jsonschema.Draft7Validator.check_schema(made)
    return made


OCCASIONS = sorted(packaged().glob("*/*/occasion.yaml"))


@pytest.mark.parametrize("file", OCCASIONS, ids=lambda file: "/".join(file.parts[-3:-1]))
def test_every_occasion_that_we_ship_fits_the_schema(file):
    made = schemas.occasion()
    jsonschema.Draft7Validator.check_schema(made)
    assert faults(made, file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", ["sample.yaml", "starter.yaml"])
def test_the_projects_that_init_writes_fit_the_schema(settings_schema, name):
    assert faults(settings_schema, (ROOT / "src/notigate/sample" / name).read_text(encoding="utf-8")) == []


BASE = "project: {name: 青年城}\n"


@pytest.mark.parametrize(
    "text",
    [
        "chanels: {}",
        "timezone: [1]",
        "occasions: {holiday/mid-autumn: {clas: care}}",
        "occasions: {holiday/mid-autumn: {class: cair}}",
        "occasions: {holiday/mid-autumn: {at: noon}}",
        "policy: {per_person: {fortnight: 1}}",
        "policy: {patience: soon}",
        "approved_text: maybe",
        "channels: {sms: {batch: 5}}",
        "channels: {sms: {plugin: sms_aliyun}}",
        "channels: {sms: {plugin: outbox, folder: o, sing_name: x}}",
        "staff: [{title: mr}]",
        "workdays: {rule: france}",
    ],
)
def test_what_the_program_refuses_the_schema_refuses(settings_schema, text):
    assert faults(settings_schema, BASE + text) != []


@pytest.mark.parametrize(
    "text",
    [
        "project: {name: 青年城, nickname: 城, floors: 33}",
        BASE + "occasions: {holiday/mid-autumn: , service/birthday: {at: '10:00-11:00'}}",
        BASE + "channels: {own: {plugin: unheard_of, anything: goes}}",
        BASE + "channels: {mail: {plugin: email, host: h, port: '${env:PORT}', security: tls, sender: a@b.cn}}",
        BASE + "workdays: china",
        BASE + "roster: {kind: crm, url: 'https://example.com'}",
        BASE + "staff: [{name: 李娜, phone: 13800138000, groups: [sales]}]",
        BASE + "policy: {windows: ['10:00-11:30'], per_person: {day: 1}, patience: 5s}",
    ],
)
def test_what_the_program_takes_the_schema_takes(settings_schema, text):
    assert faults(settings_schema, text) == []


def test_every_key_says_what_it_is_for(settings_schema):
    for made in (settings_schema, schemas.occasion()):
        assert {key for key, one in made["properties"].items() if not one.get("description")} <= {"moment", "channels"}


def test_the_command_prints_both():
    for name in ("settings", "occasion"):
        printed = notigate("schema", name)
        assert printed.returncode == 0
        assert json.loads(printed.stdout)["$schema"].startswith("http://json-schema.org/draft-07")
    assert notigate("schema", "roster").returncode == 2


def test_the_command_begins_and_lists(sample):
    begun = notigate("-C", sample, "templates", "new", "service/open-day")
    assert (begun.returncode, len(begun.stdout.splitlines())) == (0, 7)
    assert notigate("-C", sample, "templates", "new", "service/open-day").returncode == 2
    assert notigate("-C", sample, "templates", "new", "../away").returncode == 2
    assert notigate("-C", sample, "templates", "new", "service/x", "--from", "holiday/none").returncode == 2
    assert "service/open-day\t" in notigate("-C", sample, "templates", "list").stdout
    assert notigate("-C", sample, "preview", "service/open-day").returncode == 0


def test_a_model_that_leads_out_of_its_folder_is_not_copied(tmp_path):
    (tmp_path / "away.txt").write_text("secret", encoding="utf-8")
    own = tmp_path / "templates/service/linked"
    own.mkdir(parents=True)
    (own / "occasion.yaml").write_text("title: x\n", encoding="utf-8")
    (own / "en.sms.txt").symlink_to(tmp_path / "away.txt")
    home = Home(folder=tmp_path / "templates", name="service/linked")
    with pytest.raises(NotigateError, match="leads out"):
        scaffold.begin(tmp_path / "templates", "service/copy", model=home)
