"""From a recording beside a workbook to the phone that plays it (docs/forms.md, «Recordings»)."""

from __future__ import annotations

import io
import wave
from hashlib import md5
from pathlib import Path

import pytest
from django.core.management import call_command

from server.forms import validate
from server.forms.compiled import Places
from server.forms.models import FormVersion
from server.projects.models import Project
from tests import builders
from tests.device import Device

pytestmark = pytest.mark.needs_java

FORM = """
| survey   | type           | name | label::Tiếng Việt (vi) | label::Tày (tyz) | media::audio::Tày (tyz) |
|          | start          | s    |                        |                  |                         |
|          | select_one yn  | plan | Xã có kế hoạch không?  | (tiếng Tày)      | plan.wav                |
| choices  | list_name      | name | label::Tiếng Việt (vi) | label::Tày (tyz) | media::audio::Tày (tyz) |
|          | yn             | yes  | Có                     | (có)             | co.wav                  |
|          | yn             | no   | Không                  | (không)          | khong.wav               |
| settings | form_id        | form_title | version          | default_language |                         |
|          | kt_tieng_tay   | Nghe thử   | 1                | Tiếng Việt (vi)  |                         |
"""  # noqa: E501 - columns of languages are that wide


def silence(seconds: float) -> bytes:
    """Return a recording of nothing, as small as speech would be."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        file.writeframes(b"\x80" * int(8_000 * seconds))
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three recordings in `media/` beside a workbook that names them."""
    form = tmp_path / "kt_tieng_tay"
    (form / "media").mkdir(parents=True)
    (form / "kt_tieng_tay.xlsx").write_bytes(builders.workbook(FORM))
    for number, name in enumerate(("plan.wav", "co.wav", "khong.wav"), start=1):
        (form / "media" / name).write_bytes(silence(number / 2))
    return tmp_path


def test_recordings_beside_a_workbook_reach_the_phone(
    folder: Path, project: Project, device: Device
) -> None:
    out = io.StringIO()
    call_command("workbook", "audio", str(folder / "kt_tieng_tay/kt_tieng_tay.xlsx"), stdout=out)

    call_command("publish_forms", str(folder), project=project.pk, stdout=out)

    assert "Tày (tyz): 100 % (3/3 nhãn nghe được, 3 nhãn có tên tệp)" in out.getvalue()
    version = FormVersion.objects.get()
    assert validate.check(bytes(version.xform), Places()) == ()
    assert bytes(version.xform).count(b"jr://audio/") == 3
    [form] = device.forms()
    files = device.manifest(form)
    assert {name: said for name, (said, _) in files.items()} == {
        name: md5(silence(seconds)).hexdigest()
        for name, seconds in (("plan.wav", 0.5), ("co.wav", 1.0), ("khong.wav", 1.5))
    }
    assert device.fetch(files["co.wav"][1]).body == silence(1.0)
