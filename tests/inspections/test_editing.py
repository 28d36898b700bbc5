"""What is looked at in the next version of a record before it is taken."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from server.inspections import editing
from server.xml import XmlTooLarge
from tests import builders


def test_an_edit_is_not_parsed_before_its_size_is_known(db: None, settings: Settings) -> None:
    project = builders.project()
    builders.form(project)
    submission = builders.send(project, builders.instance(builders.GOOD))
    settings.MAX_XML_BYTES = 100

    with pytest.raises(XmlTooLarge):
        editing.dropped(submission, b"<" * 101)
