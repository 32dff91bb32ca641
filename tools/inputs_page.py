"""Generates docs/inputs.md, the page on input formats, from the list of formats."""

import json
from collections.abc import Iterable, Iterator

from registrywatch.sources.formats.format import Format
from registrywatch.sources.text_logs import TextFormat

_HEAD = """\
# What `replay` and the functions read

<!-- Written from the list of formats by `make docs`; change registrywatch/sources/formats. -->

registrywatch recognises a format by the content of a file; names and extensions do not matter.
Files may be compressed with gzip. The encoding is UTF-8 or UTF-16, with a byte order mark or
without. A file holds one JSON document, indented or not, or several: one a line, or one after the
other, with or without spaces between them. An array is several documents. Formats may be nested: an
EventBridge event in an SNS notification in an SQS message is read.

- **Values that an export changed** are corrected if their meaning is certain: JSON text instead of
  an object and the reverse, `"true"` for `true`, names in lower case, account ids as numbers. A
  record with any other value of a wrong type can't be read.
- **A broken record** does not affect the records before and after it. It is reported with its file
  and line, and the exit status is 1. Reading continues at the next place where a record can begin,
  or at the next member of a gzip file.
  Bytes that are not UTF-8 are replaced; their record is read and reported.
- **Documents of an unknown format** are counted by their kind, with the line of the first, and the
  exit status is 1. The same holds for a record whose event name can't be understood: it is never
  skipped as an event that no rule reads.
- **Known formats without registry events** are skipped and named once. They are not an error, so
  you can replay a whole log bucket.
- **A file that is not JSON** is one problem, whatever its length.
"""
_LONGEST = 1_500  # characters of an example


def document(formats: Iterable[Format], lines: Iterable[TextFormat]) -> str:
    """The page."""
    formats, lines = tuple(formats), tuple(lines)
    read = [each for each in formats if each.other is None]
    other = [each for each in formats if each.other is not None]
    parts = [
        _HEAD,
        "## Formats with events\n",
        *_table(read),
        "## Skipped\n",
        *_table([*other, *lines]),
        "## Examples\n",
        *(part for each in read for part in _example(each)),
    ]
    return "\n".join(parts)


def _table(formats: Iterable[Format | TextFormat]) -> Iterator[str]:
    yield "| format | source |\n| --- | --- |"
    for each in formats:
        yield f"| {each.name} | {each.source.replace('|', '\\|')} |"
    yield ""


def _example(each: Format) -> Iterator[str]:
    text = json.dumps(json.loads(each.example), indent=2, ensure_ascii=False)
    yield f"### {each.name[0].upper()}{each.name[1:]}\n"
    yield f"```json\n{text[:_LONGEST]}\n```\n"
