"""The formats of input as a page of documentation, written from the list that reads them."""

import json
from collections.abc import Iterable, Iterator

from registrywatch.sources.formats.format import Format
from registrywatch.sources.text_logs import TextFormat

_HEAD = """\
# What `replay` and the functions read

<!-- Written from the list of formats by `make docs`; change registrywatch/sources/formats. -->

A file's content says what it holds; names and endings do not matter. Files may be gzip, and UTF-8
or UTF-16, with a byte order mark or without. A file holds one JSON document, indented or not, or
several: one a line, one after the other, or side by side. An array is several documents. Formats
may lie in each other: an EventBridge event in an SNS notification in a message of SQS is read.

- **Values that an export changed** are put right where their meaning is certain: JSON text in the
  place of an object and the other way round, `"true"` for `true`, names in lower case, account ids
  as numbers. Anything else of a wrong type makes its record one that can't be read.
- **A record that is broken** harms none before or after it. It is reported with its file and line,
  and the exit status is 1. Reading goes on at the next place at which a record can begin. Bytes
  that are no UTF-8 are replaced, and their record is read and reported.
- **What is not understood** is counted by what it looks like, with the line of the first, and makes
  the exit status 1. So does a record whose name is in a form that can't be understood: it is never
  taken for one that no rule reads.
- **What is recognised as something else** is passed over and named once; it is no fault. So a whole
  log bucket can be replayed.
- **A file that is no JSON** is one problem, whatever its length.
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
        "## Passed over\n",
        *_table([*other, *lines]),
        "## Examples\n",
        *(part for each in read for part in _example(each)),
    ]
    return "\n".join(parts)


def _table(formats: Iterable[Format | TextFormat]) -> Iterator[str]:
    yield "| format | where from |\n| --- | --- |"
    for each in formats:
        yield f"| {each.name} | {each.source.replace('|', '\\|')} |"
    yield ""


def _example(each: Format) -> Iterator[str]:
    text = json.dumps(json.loads(each.example), indent=2, ensure_ascii=False)
    yield f"### {each.name[0].upper()}{each.name[1:]}\n"
    yield f"```json\n{text[:_LONGEST]}\n```\n"
