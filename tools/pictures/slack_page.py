"""A Slack message as a page: draws the parts of Block Kit that registrywatch sends."""

import html
import re
from datetime import datetime, timedelta, timezone
from typing import Any

_READER = timezone(timedelta(hours=2))

STYLE = """
body { margin: 0; padding: 16px 20px; width: 680px; background: #fff; color: #1d1c1d;
       font: 15px/1.47 Lato, "Liberation Sans", Arial, "Noto Color Emoji", sans-serif; }
.message { display: flex; gap: 10px; }
.icon { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #1f3a5f;
        color: #fff; font: bold 15px/36px Arial; text-align: center; }
.name { font-weight: 900; } .app { font-size: 10px; background: #eee; padding: 1px 3px;
        border-radius: 2px; margin: 0 4px; } .when { font-size: 12px; color: #616061; }
h3 { font-size: 18px; margin: 6px 0 4px; }
.section { margin: 4px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.attachment { border-left: 4px solid; border-radius: 4px; padding-left: 14px; margin-top: 8px; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; margin: 4px 0 8px;
          white-space: pre-wrap; overflow-wrap: anywhere; }
.context { font-size: 12px; color: #616061; margin-top: 6px; overflow-wrap: anywhere; }
code { font: 12px/1.5 Monaco, "DejaVu Sans Mono", monospace; color: #c01343;
       background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; padding: 2px 3px 1px; }
a { color: #1264a3; text-decoration: none; }
"""


DARK = """
body { background: #1a1d21; color: #d1d2d3; } .app { background: #35373b; }
.when, .context { color: #ababad; } a { color: #1d9bd1; }
code { color: #e8912d; background: #222529; border-color: #35373b; }
"""


def page(*messages: dict[str, Any], width: int = 720, dark: bool = False) -> str:
    """The messages one below the other, on a screen `width` pixels wide."""
    narrow = ".fields { grid-template-columns: 1fr; }" if width < 500 else ""
    style = f"{STYLE}{DARK if dark else ''}{narrow} body {{ width: {width - 40}px; }}"
    return f"<meta charset=utf-8><style>{style}</style>" + "".join(map(_message, messages))


def _message(message: dict[str, Any]) -> str:
    attachments = "".join(
        f'<div class=attachment style="border-color:{each["color"]}">'
        f"{_blocks(each['blocks'])}</div>"
        for each in message["attachments"]
    )
    head = "<span class=name>registrywatch</span><span class=app>APP</span>"
    return (
        "<div class=message><div class=icon>rw</div><div>"
        f"{head}<span class=when>11:10</span>{_blocks(message['blocks'])}{attachments}</div></div>"
    )


def _blocks(blocks: list[dict[str, Any]]) -> str:
    return "".join(map(_block, blocks))


def _block(block: dict[str, Any]) -> str:
    match block:
        case {"type": "header", "text": text}:
            return f"<h3>{_text(text)}</h3>"
        case {"type": "section", "fields": fields}:
            return (
                f"<div class=fields>{''.join(f'<div>{_text(each)}</div>' for each in fields)}</div>"
            )
        case {"type": "section", "text": text}:
            return f"<div class=section>{_text(text)}</div>"
        case {"type": "context", "elements": elements}:
            return f"<div class=context>{''.join(map(_text, elements))}</div>"
    raise ValueError(f"a block that is not drawn: {block}")


def _text(text: dict[str, Any]) -> str:
    """A text object as HTML. Slack's entities are also HTML's; only `mrkdwn` has markup."""
    if text["type"] == "plain_text":
        return html.escape(html.unescape(text["text"]))
    parts = re.split(r"(`[^`\n]+`|<[^<>]+>)", text["text"])
    return "".join(map(_part, parts))


def _part(part: str) -> str:
    if part.startswith("`"):
        return f"<code>{part[1:-1]}</code>"
    if part.startswith("<!date"):
        there = datetime.fromtimestamp(int(part.split("^")[1]), _READER)
        return f"{there:%b} {there.day}, {there:%Y at %H:%M:%S}"
    if part.startswith("<"):
        url, _, label = part[1:-1].partition("|")
        return f'<a href="{url}">{label}</a>'
    return re.sub(r"\*([^*\n]+)\*", r"<b>\1</b>", part)
