import re
from pathlib import Path

import pytest

from newsletter.issues.block_data import KINDS, data_keys
from newsletter.issues.load_publication import load_publication
from newsletter.issues.publication_file import (
    BlockTable,
    ListTable,
    PublicationFile,
    SourceTable,
    TopicTable,
)
from newsletter.issues.selection_rule import Selection

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "publication.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(?:\[+)?([a-z_]+)(?:\]+)?`", PAGE))


@pytest.mark.parametrize("table", [PublicationFile, ListTable, SourceTable, BlockTable, TopicTable])
def test_every_key_of_the_file_is_on_the_page(table):
    assert set(table.model_fields) <= NAMED


def test_every_key_of_a_selection_is_on_the_page():
    assert set(Selection.__dataclass_fields__) <= NAMED


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_block_is_on_the_page_with_its_keys(kind):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
    assert all(f"`{key}`" in row for key in data_keys(kind))


@pytest.mark.django_db
def test_the_example_can_be_loaded():
    assert load_publication(ROOT / "examples" / "publication.toml").blocks.exists()
