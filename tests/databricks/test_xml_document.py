import pytest
from landfall_jobs.formats import xml_document
from landfall_jobs.formats.format import Place, Source, UnreadableFile
from landfall_jobs.formats.json_rows import Flattening, parse_path
from landfall_jobs.formats.opening import Packing
from landfall_jobs.formats.xml_document import XmlFormat

COLUMNS = (("id", "@id"), ("name", "name"), ("city", "address.city"), ("tag", "tag"))
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<!-- orders -->
<shop xmlns="urn:shop">
  <item id="1"><name>Käse &amp; Brot</name><address><city>Bonn</city></address><tag>a</tag><tag>b</tag></item>
  <item id='2 > 1'/>
  <other><item id="no"/></other>
  <item id="3"><name><![CDATA[<raw>]]></name><address/></item>
  <item>text</item>
</shop>
"""


def made(explode=(), columns=COLUMNS, encoding="utf-8"):
    flattening = Flattening(tuple(parse_path(source) for _, source in columns), tuple(map(parse_path, explode)))
    return XmlFormat(columns, Packing(encoding=encoding), flattening, ("shop", "item"))


@pytest.fixture
def read(tmp_path):
    def read(content, format=made()):  # noqa: B008
        path = tmp_path / "file.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [row for table in format.read(Source(str(path), "file.xml")) for row in table.to_pylist()]

    return read


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_the_elements_at_the_path_are_records_with_attributes_children_and_text(read, monkeypatch, chunk):
    monkeypatch.setattr(xml_document, "CHUNK_BYTES", chunk)
    rows = read(DOCUMENT)
    assert [(r["_line"], r["id"], r["name"], r["city"], r["tag"], r["_problem"]) for r in rows] == [
        (1, "1", "Käse & Brot", "Bonn", '["a", "b"]', None),
        (2, "2 > 1", None, None, None, None),
        (3, "3", "<raw>", None, None, None),
        (4, None, None, None, None, "xml"),
    ]


def test_children_of_one_tag_give_a_row_each(read):
    rows = read(DOCUMENT, made(explode=("tag",)))
    assert [(r["_line"], r["_item"], r["tag"]) for r in rows][:3] == [(1, 1, "a"), (1, 2, "b"), (2, 1, None)]


@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_what_stands_at_places_is_its_exact_text(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(xml_document, "CHUNK_BYTES", chunk)
    path = tmp_path / "file.xml"
    path.write_text(DOCUMENT)
    places = [Place(1), Place(2), Place(4, problem="xml")]
    first, second, third = made().excerpts(Source(str(path), "file.xml"), places)
    assert first.raw == DOCUMENT.splitlines()[3].strip()
    assert (second.raw, second.values["id"]) == ("<item id='2 > 1'/>", "2 > 1")
    assert third[:3] == ("<item>text</item>", {}, "the element holds nothing but text")


def test_the_contract_tells_the_encoding_and_not_the_document(read):
    content = DOCUMENT.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    assert read(content, made(encoding="latin-1"))[0]["name"] == "Käse & Brot"
    with pytest.raises(UnreadableFile, match="in line 4 stands something else: not well-formed"):
        read(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (DOCUMENT[:-20], "in line 8 stands something else: no element found|unclosed token"),
        ("<shop><item></shop>", "in line 1 stands something else: mismatched tag"),
        ("nothing", "in line 1 stands something else: syntax error"),
        ("", "no element found"),
        ("<shop><item>" + "<a>" * 500 + "</a>" * 500 + "</item></shop>", "elements nested deeper than 100"),
        ('<!DOCTYPE s [<!ENTITY a "b">]><shop/>', "declaration of an entity, which is not read"),
        (
            '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><shop><item>&a;</item></shop>',
            "declaration of an entity",
        ),
    ],
)
def test_a_document_that_is_none_or_dangerous_is_refused_with_the_line(read, content, message):
    with pytest.raises(UnreadableFile, match=f"file.xml is not the XML that is expected: .*({message})"):
        read(content)


def test_an_external_document_type_is_not_fetched(read):
    assert len(read('<!DOCTYPE shop SYSTEM "http://127.0.0.1:9/x.dtd"><shop><item id="1"/></shop>')) == 1
