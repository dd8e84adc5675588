"""A workbook that would take more memory or time than there is is refused, and nothing else ends with its reader."""

import io
import zipfile

import pytest

from subscribers.errors import Invalid
from subscribers.imports import limited_workbook_process
from subscribers.imports.limited_workbook_process import workbook_as_csv
from tests.subscribers.imports.test_file_kinds import MAIN, workbook

HEADING = '<row r="1"><c r="A1" t="inlineStr"><is><t>email</t></is></c></row>'
SPREADSHEET = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="People">{}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def with_rows(rows, *, renamed=("", "")):
    """A workbook with these rows as XML, in which a part can have another name."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(People=[["email"]]))) as plain,
        zipfile.ZipFile(file, "w") as made,
    ):
        for name in plain.namelist():
            content = plain.read(name).decode()
            if name == "xl/worksheets/s1.xml":
                content = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
            made.writestr(name.replace(*renamed), content.replace(*renamed))
    return file.getvalue()


def open_document(rows):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", "<manifest/>")
        made.writestr("content.xml", SPREADSHEET.format(rows))
    return file.getvalue()


def far_cell(name, content="<v>1</v>"):
    row = name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{name}">{content}</c></row>'


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        (far_cell("XFD1048576"), "XFD1048576, .* If this cell"),
        (far_cell("XFD1048576", '<f>A1&amp;""</f><v> </v>'), "XFD1048576, "),
        (far_cell("XFD1048576", "<is><t> </t></is>"), "XFD1048576, "),
        (far_cell("XFD2") + far_cell("B1048576"), "XFD2 and B1048576, .* If these cells"),
    ],
)
def test_a_cell_in_the_far_corner_is_named(cells, named):
    with pytest.raises(Invalid, match=named):
        workbook_as_csv(with_rows(HEADING + cells))


@pytest.mark.parametrize("content", ["", "<v></v>", "<f>B2</f>"])
def test_a_far_cell_without_content_is_no_reason_to_refuse_a_workbook(content):
    assert workbook_as_csv(with_rows(HEADING + far_cell("XFD1048576", content))).read() == b"email\n"


@pytest.mark.parametrize(
    "data",
    [
        # The part has a name by which we do not look for it, and the numbers of the cells are left out.
        with_rows(HEADING + far_cell("XFD1048576"), renamed=("worksheets", "tables")),
        with_rows(f'<row r="1">{"<c><v>1</v></c>" * 16_384}</row><row r="1048576"><c><v>1</v></c></row>'),
        open_document(
            '<table:table-row table:number-rows-repeated="100000"><table:table-cell office:value-type="string" '
            'table:number-columns-repeated="1000"><text:p>a@b.example</text:p></table:table-cell></table:table-row>'
        ),
    ],
)
def test_a_workbook_that_needs_too_much_memory_ends_only_its_own_process(data):
    with pytest.raises(Invalid, match="too much memory"):
        workbook_as_csv(data, memory=500_000_000)


def test_a_text_that_many_cells_share_is_not_written_without_end():
    text = "x" * 1_000_000
    rows = (
        '<table:table-row table:number-rows-repeated="300"><table:table-cell office:value-type="string">'
        f"<text:p>{text}</text:p></table:table-cell></table:table-row>"
    )
    with pytest.raises(Invalid, match="200 MB of text"):
        workbook_as_csv(open_document(rows))


def test_a_workbook_that_takes_too_long_is_refused():
    with pytest.raises(Invalid, match="too long"):
        workbook_as_csv(workbook(People=[["email"]]), seconds=0.0)


def test_the_process_gets_no_keys(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody:secret@localhost/news")

    assert "DATABASE_URL" not in limited_workbook_process._environment()


def test_a_sheet_can_have_any_name():
    with pytest.raises(Invalid, match="no sheet called"):
        workbook_as_csv(workbook(People=[["email"]]), "a\0b\n-c" + "x" * 300_000)


def test_a_sheet_that_begins_further_down_keeps_its_rows_and_columns():
    rows = (
        '<row r="3"><c r="B3"><v>1</v></c><c r="C3" t="b"><v>1</v></c></row>'
        '<row r="5"><c r="C5"><v>2.5</v></c></row>'
    )

    assert workbook_as_csv(with_rows(rows)).read() == b",,\n,,\n,1,yes\n,,\n,,2.5\n"
