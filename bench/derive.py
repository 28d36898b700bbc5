"""How many submissions a second one core understands, without the database.

    python -m bench.derive

From the bytes of a filled-in kt_18_5 to its meaning: parsed, answers, commune by point and as
declared on the schematic map, every condition, flags; then with the rows that would be written.
Prints Markdown; the other lines show where the time goes. Counted is the CPU time of this process,
the best of several rounds, because other programs on the machine only ever make it longer.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

from bench import alone as alone  # first: it sets the settings up
from bench.province import Filled, filled_forms, prepare
from server.inspections import rows
from server.inspections.geotag import LoadedGeography, parse_geopoint
from server.inspections.meaning import Files, Meaning, understand
from server.inspections.reading import Reading, reading_of
from server.submissions import instance
from server.submissions.models import Submission, SubmissionVersion
from server.xml import parse

ROUNDS = 15


def main() -> None:
    """Measure and print."""
    version = prepare()
    forms = filled_forms(version)
    reading, geography = reading_of(version.pk, version.rule_edition), LoadedGeography()
    gc.freeze()  # as `serve` does before its web processes begin
    sizes = [len(form.xml) for form in forms]
    conditions = len(reading.judges[-1].era.conditions.conditions)
    print(f"{len(forms)} forms, {statistics.mean(sizes):.0f} bytes each, {conditions} conditions\n")
    submission = Submission(
        form_id=version.form_id, current_version=SubmissionVersion(form_version=version)
    )

    def understood(form: Filled) -> None:
        _understand(form, reading, geography)

    def whole(form: Filled) -> None:
        _rows(_understand(form, reading, geography), submission)

    print("| derive, without the database | submissions/s, one core |\n|---|---|")
    print(f"| bytes to meaning | {_rate(understood, forms):.0f} |")
    print(f"| with the rows to write | {_rate(whole, forms):.0f} |")
    for name, part in _parts(forms, reading, geography, submission).items():
        print(f"| {name} | {_rate(part, forms):.0f} |")


def _understand(form: Filled, reading: Reading, geography: LoadedGeography) -> Meaning:
    return understand(
        form.xml, reading=reading, geography=geography, files=Files(), received_on=form.day
    )


def _rows(meaning: Meaning, submission: Submission) -> None:
    rows.of(meaning, submission)


def _parts(
    forms: list[Filled], reading: Reading, geography: LoadedGeography, submission: Submission
) -> dict[str, Callable[[Filled], object]]:
    """Return what each step costs by itself, on the same forms."""
    parsed = {form.instance_id: parse(form.xml) for form in forms}
    answers = {key: instance.answers(root, reading.repeat_paths) for key, root in parsed.items()}
    meanings = {form.instance_id: _understand(form, reading, geography) for form in forms}

    def place(form: Filled) -> object:
        flat = answers[form.instance_id].flat
        point = parse_geopoint(reading.first(reading.point, flat))
        return geography.place(point, reading.first(reading.commune, flat), form.day)

    return {
        "only parse": lambda form: parse(form.xml),
        "only answers": lambda form: instance.answers(
            parsed[form.instance_id], reading.repeat_paths, reading.steps
        ),
        "only conditions": lambda form: reading.judges[-1].score(answers[form.instance_id].flat),
        "only indicators": lambda form: reading.measure(answers[form.instance_id]),
        "only place": place,
        "only rows": lambda form: _rows(meanings[form.instance_id], submission),
    }


def _rate(act: Callable[[Filled], object], forms: list[Filled]) -> float:
    """Return the best of several rounds, in forms a second of this process's own CPU time."""
    best = 0.0
    for _ in range(ROUNDS):
        begun = time.process_time()
        for form in forms:
            act(form)
        best = max(best, len(forms) / (time.process_time() - begun))
    return best


if __name__ == "__main__":
    main()
