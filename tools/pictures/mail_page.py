"""An email of Amazon SNS as a page, drawn like a mail app on a phone.

SNS sends plain text. Mail apps show it in a proportional font, wrap its lines and turn addresses
into links.
"""

import html
import re

STYLE = """
body { margin: 0; padding: 14px 16px 22px; background: #fff; color: #1c1c1e;
       font: 15px/1.4 Inter, "Liberation Sans", Arial, "Noto Color Emoji", sans-serif; }
h3 { font-size: 19px; line-height: 1.25; margin: 0 0 10px; overflow-wrap: anywhere; }
.from { display: flex; gap: 10px; border-bottom: 1px solid #d8d8dc; padding-bottom: 10px;
        margin-bottom: 12px; font-size: 13px; }
.icon { flex: none; width: 34px; height: 34px; border-radius: 17px; background: #7d8ea3;
        color: #fff; font: bold 14px/34px Arial; text-align: center; }
.name { font-weight: 600; font-size: 14px; } .to { color: #6e6e73; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; } a { color: #0a66d0; }
"""
DARK = """
body { background: #000; color: #f2f2f7; } .from { border-color: #38383a; }
.to { color: #98989d; } a { color: #4aa3ff; }
"""


def page(subject: str, text: str, width: int, dark: bool = False) -> str:
    """The email on a screen `width` pixels wide."""
    style = f"{STYLE}{DARK if dark else ''} body {{ width: {width - 32}px; }}"
    linked = re.sub(r"https://[^\s&]+(?:&amp;[^\s&]+)*", r'<a href="\g<0>">\g<0></a>', _safe(text))
    return (
        f"<meta charset=utf-8><style>{style}</style><h3>{_safe(subject)}</h3>"
        "<div class=from><div class=icon>AN</div><div><div class=name>AWS Notifications</div>"
        "<div class=to>to security@example.com · 11:10</div></div></div>"
        f"<div class=text>{linked}</div>"
    )


def _safe(text: str) -> str:
    return html.escape(text, quote=False)
