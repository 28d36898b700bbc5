"""Say in words what a rule asks: «Số nữ lãnh đạo» phải từ 1 trở lên. No Django.

The words follow what `server.inspections.scoring` does with the rule, and say no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from server.forms.findings import Condition, Rule

_RULES: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "yes": "{value} phải là «Có»",
        "no": "{value} phải là «Không»",
        "min": "{value} phải từ {threshold} trở lên",
        "zero": "{value} phải bằng 0",
        "ratio": "{value} phải đạt từ {threshold}% của {of}",
        "plan": "{value} phải đạt 100% kế hoạch: {of}",
        "deadline": "{value} phải trước ngày {threshold} của năm số liệu",
        "shown": "Chỉ nêu {value}, không chấm",
        "shown_of": "Chỉ nêu {value} trên {of}, không chấm",
    },
    "en": {
        "yes": "{value} must be «Yes»",
        "no": "{value} must be «No»",
        "min": "{value} must be {threshold} or more",
        "zero": "{value} must be 0",
        "ratio": "{value} must be {threshold}% of {of} or more",
        "plan": "{value} must be 100% of the plan: {of}",
        "deadline": "{value} must be before {threshold} of the year of the data",
        "shown": "Only shows {value}, judges nothing",
        "shown_of": "Only shows {value} of {of}, judges nothing",
    },
}
_EVIDENCE = {
    "vi": "; phải có căn cứ là văn bản đã xem hoặc bản chụp",
    "en": "; a document must have been seen or copied",
}
_PLUS = {"vi": " cộng ", "en": " plus "}

Called = Callable[[str], str]  # what a question is called, by its path


def told(condition: Condition, period: str, language: str, called: Called) -> tuple[str, ...]:
    """Return what each rule of a condition asks; all of them must hold.

    period: h1, fy or "", by which thresholds may differ. language: vi or en.
    """
    return tuple(_told(rule, period, language, called) for rule in condition.rules)


def _told(rule: Rule, period: str, language: str, called: Called) -> str:
    words = _RULES[language]
    kind = "shown_of" if rule.kind == "shown" and rule.of else rule.kind
    said = words[kind].format(
        value=_PLUS[language].join(f"«{called(path)}»" for path in rule.value),
        of=f"«{called(rule.of)}»" if rule.of else "",
        threshold=_threshold(rule, period, language),
    )
    is_judged = rule.kind != "shown" and rule.evidence
    return said + _EVIDENCE[language] if is_judged else said


def _threshold(rule: Rule, period: str, language: str) -> str:
    if rule.threshold is None:
        return ""
    figure = rule.threshold.of(period)
    if rule.kind == "deadline":
        month, day = divmod(int(figure), 100)
        return f"{day}/{month}"
    plain = f"{figure:g}"
    return plain.replace(".", ",") if language == "vi" else plain
