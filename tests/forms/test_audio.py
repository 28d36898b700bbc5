"""How much of a form can be listened to."""

from __future__ import annotations

from server.forms.audio import MAX_BYTES, WANTED, AudioFile, audio
from tests import builders

OGG = AudioFile(1_000, b"OggS........")
FORM = """
| survey   | type    | name | label::Tiếng Việt (vi) | media::audio::Tày (tyz) | audio::Mông (hmn) |
|          | start   | s    |                        |                         |                   |
|          | note    | a    | Một                    | a.ogg                   | m.ogg             |
|          | note    | b    | Hai                    | b.ogg                   |                   |
|          | note    | c    | Ba                     | ../c.ogg                |                   |
|          | note    | d    | Bốn                    | d.aiff                  |                   |
|          | note    | e    | Năm                    | e.ogg                   |                   |
| choices  | list_name | name | label::Tiếng Việt (vi) | media::audio::Tày (tyz) |
|          | yn        | yes  | Có                     | yes.mp3                 |
| settings | form_id | form_title | version |
|          | thu     | Phiếu thử  | 7       |
"""
FILES = {
    "a.ogg": OGG,
    "m.ogg": OGG,
    "b.ogg": AudioFile(MAX_BYTES + 1, OGG.head),
    "d.aiff": AudioFile(1_000, b"FORM........"),
    "yes.mp3": OGG,
    "thua.wav": AudioFile(1, b"RIFF"),
    "hinh.png": AudioFile(1, b"PNG"),
}


def test_each_language_says_how_many_labels_can_be_heard_and_one_not_begun_says_none() -> None:
    found = audio(builders.workbook(FORM), FILES)

    counted = {c.language: (c.texts, c.named, c.playable, c.percent) for c in found.languages}
    assert counted == {
        "Tày (tyz)": (6, 6, 1, 16),
        "Nùng (nut)": (6, 0, 0, 0),
        "Dao (ium)": (6, 0, 0, 0),
        "Mông (hmn)": (6, 1, 1, 16),
    }
    assert tuple(counted) == WANTED


def test_a_file_that_is_missing_or_no_good_is_named_with_its_cell() -> None:
    found = audio(builders.workbook(FORM), FILES)

    assert [(c.code, c.place) for c in found.complaints] == [
        ("audio.too_big", "survey!D4"),
        ("audio.name_unsafe", "survey!D5"),
        ("audio.format_unknown", "survey!D6"),
        ("audio.file_missing", "survey!D7"),
        ("audio.format_unknown", "choices!D2"),
    ]


def test_sound_that_no_label_names_is_told() -> None:
    assert audio(builders.workbook(FORM), FILES).unused == ("thua.wav",)
