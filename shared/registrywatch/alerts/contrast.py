"""Which text colour can be read on a background, by the contrast that WCAG 2 defines.

Black or white, whichever has more contrast: at least 4.5 to 1 on any colour.
"""

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""


def rgb(colour: str) -> Colour:
    """`#rrggbb` as numbers."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """The relative luminance of a colour, 0 to 1."""
    parts = [each / 255 for each in colour]
    red, green, blue = (
        each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: Colour) -> Colour:
    """Black or white, whichever reads better on the colour."""
    black, white = (0, 0, 0), (255, 255, 255)
    return max(black, white, key=lambda ink: contrast(ink, ground))
