"""A Teams message as a page: Microsoft's renderer (npm: `adaptivecards`) draws the card."""

import json
from pathlib import Path
from typing import Any

STYLE = """
body { margin: 0; padding: 16px 20px; width: 680px; background: #f5f5f5;
       font: 14px "Segoe UI", "Liberation Sans", Arial, "Noto Color Emoji", sans-serif; }
.message { background: #fff; border: 1px solid #e0e0e0; border-radius: 6px; padding: 10px 14px; }
.from { font-weight: 600; font-size: 12px; color: #424242; margin-bottom: 6px; }
.ac-pushButton { background: #fff; border: 1px solid #d1d1d1; border-radius: 4px;
                 padding: 6px 12px; font: inherit; font-weight: 600; }
a { color: #4f52b2; }
"""

LIGHT_COLOURS = {
    "default": "#FFFFFF",
    "emphasis": "#F0F0F0",
    "accent": "#E5ECF9",
    "good": "#E7F2DA",
    "warning": "#FBF0D9",
    "attention": "#FBE0DE",
}
DARK_COLOURS = {
    "default": "#292929",
    "emphasis": "#333333",
    "accent": "#1B2A4A",
    "good": "#1E3310",
    "warning": "#43330B",
    "attention": "#4A1715",
}
DARK = """
body { background: #1f1f1f; } .message { background: #292929; border-color: #3d3d3d; }
.from { color: #d6d6d6; } .ac-pushButton { background: #292929; color: #fff; border-color: #666; }
a { color: #a6a7dc; }
"""


def host(dark: bool) -> dict[str, Any]:
    """The part of Teams' theme that these cards use."""
    text, subtle = ("#FFFFFF", "#ADADAD") if dark else ("#242424", "#616161")
    return {
        "fontFamily": '"Segoe UI", "Liberation Sans", Arial, "Noto Color Emoji", sans-serif',
        "spacing": {"small": 6, "default": 8, "medium": 14, "large": 24, "padding": 12},
        "fontSizes": {"small": 12, "default": 14, "medium": 14, "large": 18, "extraLarge": 24},
        "fontWeights": {"lighter": 300, "default": 400, "bolder": 600},
        "containerStyles": {
            style: {
                "backgroundColor": colour,
                "foregroundColors": {"default": {"default": text, "subtle": subtle}},
            }
            for style, colour in (DARK_COLOURS if dark else LIGHT_COLOURS).items()
        },
        "actions": {"maxActions": 6, "buttonSpacing": 8, "actionAlignment": "left"},
    }


def page(renderer: Path, *messages: dict[str, Any], width: int = 720, dark: bool = False) -> str:
    """The cards on a screen `width` pixels wide. `renderer` is dist/adaptivecards.min.js."""
    margin = 40 if width >= 500 else 0
    style = f"{STYLE}{DARK if dark else ''} body {{ width: {width - margin}px; }}"
    if not margin:
        # Phones draw cards natively and break a long word anywhere, which a browser does not
        style += " .ac-richTextBlock, .ac-richTextBlock * { overflow-wrap: anywhere; }"
        style += " .message { word-break: break-word; }"
        style += " body { padding: 0; } .ac-pushButton { white-space: normal; }"
        style += " .message { border: 0; overflow: hidden; }"
    cards = [message["attachments"][0]["content"] for message in messages]
    script = f"""
    for (const json of {_for_a_script(cards)}) {{
        const card = new AdaptiveCards.AdaptiveCard();
        card.hostConfig = new AdaptiveCards.HostConfig({_for_a_script(host(dark))});
        card.parse(json);
        const box = document.createElement("div");
        box.className = "message";
        box.innerHTML = "<div class=from>registrywatch via Workflows</div>";
        box.appendChild(card.render());
        document.body.appendChild(box);
    }}"""
    library = renderer.read_text()
    return (
        f"<meta charset=utf-8><style>{style}</style><body>"
        f"<script>{library}</script><script>{script}</script></body>"
    )


def _for_a_script(value: Any) -> str:
    return json.dumps(value).replace("<", "\\u003c")
