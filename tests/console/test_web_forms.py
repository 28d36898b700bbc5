"""ODK Web Forms as the set-up lays it out: pinned, held to hashes, and nothing that needs eval."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from server.console import packages, static_files
from server.console.packages import FOLDER, HERE, MODULES, WEB_FORMS, lay_out_web_forms

LOCKED = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]


def test_every_package_is_pinned_and_held_to_its_hash() -> None:
    asked = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    pinned = {**asked["dependencies"], **asked["devDependencies"]}
    loose = [
        name
        for name, one in LOCKED.items()
        if name and not re.match("sha512-[A-Za-z0-9+/]{86}==$", one.get("integrity", ""))
    ]

    assert loose == []
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values())
    assert {name: LOCKED[f"node_modules/{name}"]["version"] for name in pinned} == pinned
    assert not any("resolved" in one or one.get("hasInstallScript") for one in LOCKED.values())


def test_its_modules_find_each_other_by_address_and_never_a_map_of_others(tmp_path: Path) -> None:
    lay_out_web_forms(FOLDER / MODULES, tmp_path)
    engine = (tmp_path / "engine.js").read_text(encoding="utf-8")
    entry = (tmp_path / "web-forms.js").read_text(encoding="utf-8")

    assert re.findall(r'^import .* from "(.+)"', engine, re.MULTILINE) == ["./vue.js"]
    assert re.findall(r' from "([^"]+)"', entry) == ["./engine.js"]
    assert 'import("../console/no_map.js")' in engine
    assert "tile.openstreetmap.org" not in engine
    for name in ("web-forms", "engine", "vue"):
        found = static_files.NAMED[f"web-forms/{name}.js"]
        assert (FOLDER / found).read_bytes() == (tmp_path / f"{name}.js").read_bytes()


def test_another_version_that_names_its_modules_otherwise_stops_the_set_up(tmp_path: Path) -> None:
    published = tmp_path / MODULES / "@getodk/web-forms/dist"
    published.mkdir(parents=True)
    (published / "index.js").write_text('export {a} from "./index-A.js"')
    (published / "index-A.js").write_text('import {b} from "vue/dist/vue.js"')

    with pytest.raises(ValueError, match="stands 0 times"):
        lay_out_web_forms(tmp_path / MODULES, tmp_path / WEB_FORMS)


def test_vue_comes_without_the_compiler_that_writes_code() -> None:
    vue = (FOLDER / WEB_FORMS / "vue.js").read_text(encoding="utf-8")

    assert "new Function" not in vue
    assert packages.WEB_FORMS in static_files.NAMED["web-forms/vue.js"]
