"""The drawing of the energy label: the ladder from A+ to F with the place of the dwelling."""

from __future__ import annotations

from collections.abc import Sequence

from hub.woningfiche.model import Tekening

# Per step of the ladder its colour and that of the letter on it: 4.5 to 1 at least.
_COLOURS = (
    ("#0a6b3a", "#ffffff"),
    ("#1f7d3c", "#ffffff"),
    ("#8fbf3f", "#17212b"),
    ("#f2d32c", "#17212b"),
    ("#f3a21c", "#17212b"),
    ("#e2711d", "#17212b"),
    ("#b3261e", "#ffffff"),
)
_INK, _SOFT, _PALE = "#17212b", "#54626f", "#e9edf0"
_WIDTH, _ROW, _GAP = 250.0, 17.0, 3.0
_FONT = "Libertinus Serif, Georgia, serif"


def draw_label(
    ladder: Sequence[str],
    label: str,
    *,
    verlopen: bool,
    hierna: str | None,
) -> Tekening:
    """Return the ladder with an arrow at ``label``, and a mark at the label after all works.

    A label that is no longer valid is drawn in grey. Labels outside the ladder are not drawn.
    """
    height = len(ladder) * (_ROW + _GAP) - _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" '
        f'font-family="{_FONT}" role="presentation">'
    ]
    for place, step in enumerate(ladder):
        fill, ink = (_PALE, _SOFT) if verlopen else _COLOURS[min(place, len(_COLOURS) - 1)]
        top = place * (_ROW + _GAP)
        wide = 52.0 + place * 13.0
        parts.append(
            f'<path d="M0 {top:.1f}H{wide:.1f}l8 {_ROW / 2:.1f}l-8 {_ROW / 2:.1f}H0z" '
            f'fill="{fill}"/>'
            f'<text x="8" y="{top + 12.6:.1f}" font-size="12.5" font-weight="700" fill="{ink}">'
            f"{step}</text>"
        )
    if label in ladder:
        parts.append(_pointer(ladder.index(label), label, verlopen))
    if hierna in ladder and hierna != label:
        parts.append(_mark(ladder.index(hierna)))
    parts.append("</svg>")
    return Tekening("".join(parts), _words(ladder, label, verlopen, hierna))


def _pointer(place: int, label: str, verlopen: bool) -> str:
    """Return the dark arrow that points from the right at one step."""
    top = place * (_ROW + _GAP)
    fill = _SOFT if verlopen else _INK
    return (
        f'<path d="M152 {top + _ROW / 2:.1f}l11 -{_ROW / 2 + 2:.1f}H{_WIDTH:.1f}'
        f'v{_ROW + 4:.1f}H163z" fill="{fill}"/>'
        f'<text x="168" y="{top + 13.6:.1f}" font-size="15" font-weight="700" fill="#ffffff">'
        f"{label}</text>"
        f'<text x="{_WIDTH - 5:.1f}" y="{top + 12.4:.1f}" font-size="10" text-anchor="end" '
        f'fill="#ffffff">{"verlopen" if verlopen else "deze woning"}</text>'
    )


def _mark(place: int) -> str:
    """Return the outlined arrow at the label after all recommended works."""
    top = place * (_ROW + _GAP)
    return (
        f'<path d="M152 {top + _ROW / 2:.1f}l8 -{_ROW / 2 - 1:.1f}H{_WIDTH - 0.7:.1f}'
        f'v{_ROW - 2:.1f}H160z" fill="#ffffff" stroke="{_INK}" stroke-width="1.2"/>'
        f'<text x="{_WIDTH - 5:.1f}" y="{top + 12.2:.1f}" font-size="10" text-anchor="end" '
        f'fill="{_INK}">na de werken</text>'
    )


def _words(ladder: Sequence[str], label: str, verlopen: bool, hierna: str | None) -> str:
    text = f"Energielabels van {ladder[0]} (zuinigst) tot {ladder[-1]}. "
    text += f"Deze woning {'had' if verlopen else 'heeft'} label {label}"
    text += "; dat label is verlopen." if verlopen else "."
    if hierna in ladder and hierna != label:
        text += f" Na alle aanbevolen werken: label {hierna}."
    return text
