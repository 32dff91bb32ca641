"""A Teams message as a page: the card drawn by Microsoft's own renderer, npm's `adaptivecards`."""

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
"""

# Teams' light theme, as far as a card of ours uses it
HOST = {
    "fontFamily": '"Segoe UI", "Liberation Sans", Arial, "Noto Color Emoji", sans-serif',
    "spacing": {"small": 6, "default": 8, "medium": 14, "large": 24, "padding": 12},
    "fontSizes": {"small": 12, "default": 14, "medium": 14, "large": 18, "extraLarge": 24},
    "fontWeights": {"lighter": 300, "default": 400, "bolder": 600},
    "containerStyles": {
        style: {
            "backgroundColor": colour,
            "foregroundColors": {"default": {"default": "#242424", "subtle": "#616161"}},
        }
        for style, colour in {
            "default": "#FFFFFF",
            "emphasis": "#F0F0F0",
            "accent": "#E5ECF9",
            "good": "#E7F2DA",
            "warning": "#FBF0D9",
            "attention": "#FBE0DE",
        }.items()
    },
    "actions": {"maxActions": 6, "buttonSpacing": 8, "actionAlignment": "left"},
}


def page(renderer: Path, *messages: dict[str, Any]) -> str:
    """`renderer` is dist/adaptivecards.min.js."""
    cards = [message["attachments"][0]["content"] for message in messages]
    script = f"""
    for (const json of {_for_a_script(cards)}) {{
        const card = new AdaptiveCards.AdaptiveCard();
        card.hostConfig = new AdaptiveCards.HostConfig({_for_a_script(HOST)});
        card.parse(json);
        const box = document.createElement("div");
        box.className = "message";
        box.innerHTML = "<div class=from>registrywatch via Workflows</div>";
        box.appendChild(card.render());
        document.body.appendChild(box);
    }}"""
    library = renderer.read_text()
    return (
        f"<meta charset=utf-8><style>{STYLE}</style><body>"
        f"<script>{library}</script><script>{script}</script></body>"
    )


def _for_a_script(value: Any) -> str:
    return json.dumps(value).replace("<", "\\u003c")
