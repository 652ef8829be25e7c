"""The look: colours that differ in lightness as well as in hue, system fonts, and a few rules.

Blue and ochre stay apart for every kind of colour blindness and the third is much darker; no
stance is red or green. All are at least 4.5 : 1 on white (WCAG AA).
"""

__all__ = ["COLOURS", "CSS", "DASHES", "FAINT", "FONT", "GRID", "INK", "MUTED", "theme_options"]

INK, MUTED, FAINT, GRID, PAPER = "#1a2230", "#5b6472", "#8a93a0", "#e6e8ec", "#ffffff"
ACCENT = "#0b5c8e"

COLOURS = {
    "supportive": "#0072b2",
    "skeptical": "#a85f00",
    "hostile": "#4a1942",
    "none": "#6b7280",
}
DASHES: dict[str, list[int]] = {
    "supportive": [1, 0],
    "skeptical": [7, 3],
    "hostile": [2, 2],
    "none": [10, 3, 2, 3],
}

FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial,"
    " 'Noto Sans Devanagari', 'Noto Naskh Arabic', sans-serif"
)
SERIF = "Charter, 'Bitstream Charter', 'Noto Serif', Cambria, Georgia, serif"
NASTALIQ = (
    "'Noto Nastaliq Urdu', 'Jameel Noori Nastaleeq', 'Urdu Typesetting', 'Noto Naskh Arabic',"
    " 'Geeza Pro', 'Segoe UI', serif"
)
DEVANAGARI = "'Noto Sans Devanagari', 'Kohinoor Devanagari', 'Nirmala UI', Mangal, sans-serif"


def theme_options() -> dict[str, str]:
    """Return Streamlit's options for the look, by their names in its configuration."""
    return {
        "theme.base": "light",
        "theme.primaryColor": ACCENT,
        "theme.backgroundColor": PAPER,
        "theme.secondaryBackgroundColor": "#f5f6f8",
        "theme.textColor": INK,
        "theme.linkColor": ACCENT,
        "theme.font": FONT,
        "theme.headingFont": SERIF,
        "theme.baseRadius": "small",
        "client.toolbarMode": "minimal",
    }


CSS = f"""
<style>
[data-testid="stMainBlockContainer"] {{
  max-width: 62rem; padding-top: 4.5rem; padding-bottom: 4rem;
}}
[data-testid="stAppDeployButton"], [data-testid="stMainMenu"], [data-testid="stDecoration"],
[data-testid="stHeaderActionElements"] {{ display: none; }}
.aw-banner {{
  background: #fff6e0; color: {INK}; border-left: 4px solid {COLOURS["skeptical"]};
  padding: .45rem .8rem; font-size: .9rem; line-height: 1.4;
}}
.aw-lead {{
  font-family: {SERIF}; font-size: clamp(1.3rem, 1rem + 1.5vw, 1.9rem); line-height: 1.32;
  color: {INK}; margin: 0 0 .5rem; text-wrap: pretty; max-width: 44rem;
}}
.aw-lead b {{ font-weight: 600; }}
[data-testid="stHeading"] h1 {{ font-size: 1.75rem; }}
[data-testid="stSidebar"] h2 {{ font-size: 1.25rem; }}
h1.aw-subject {{
  color: {MUTED}; font-family: inherit; font-size: .9rem; font-weight: 400; line-height: 1.5;
  letter-spacing: 0; margin: 0 0 .5rem; padding: 0;
}}
.aw-subject b {{ color: {INK}; font-weight: 600; }}
.aw-only {{ color: {INK}; font-weight: 600; }}
.aw-note {{ color: {MUTED}; font-size: .9rem; line-height: 1.5; margin: 0 0 .3rem;
  max-width: 44rem; }}
.aw-head {{ font-size: 1rem; font-weight: 600; line-height: 1.4; color: {INK}; margin: 0; }}
.aw-head span {{ display: block; font-weight: 400; font-size: .9rem; color: {MUTED}; }}
.aw-title {{ font-family: {SERIF}; font-size: 1.25rem; font-weight: 600; margin: .8rem 0 .3rem;
  padding: 0; color: {INK}; }}
.aw-events {{ max-width: 44rem; }}
.aw-events a {{ color: {INK}; text-decoration-color: {FAINT}; text-underline-offset: .2em; }}
.aw-events a:hover {{ color: {ACCENT}; }}
.aw-events > div {{
  display: grid; grid-template-columns: 1.9rem 1fr; padding: .5rem 0;
  border-bottom: 1px solid {GRID}; line-height: 1.45;
}}
.aw-events > div > b {{ color: {MUTED}; font-weight: 600; font-variant-numeric: tabular-nums; }}
.aw-events small {{ color: {MUTED}; display: block; font-size: .85rem; }}
.aw-posts {{
  display: grid; gap: .9rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr));
}}
.aw-prose code {{ white-space: nowrap; }}
.aw-posts article {{
  border: 1px solid {GRID}; border-radius: 6px; padding: 1rem 1.1rem .8rem; display: flex;
  flex-direction: column; gap: .7rem; background: {PAPER}; min-width: 0;
}}
.aw-posts p {{
  margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.55; flex: 1;
}}
.aw-posts p[lang="ur"] {{ font-family: {NASTALIQ}; font-size: 1.1rem; line-height: 2.2; }}
.aw-posts p[lang="hi"] {{ font-family: {DEVANAGARI}; line-height: 1.7; }}
.aw-posts footer {{ font-size: .85rem; color: {MUTED}; line-height: 1.4; }}
.aw-posts footer b {{ font-weight: 600; }}
.aw-table {{ border-collapse: collapse; width: 100%; max-width: 48rem; }}
.aw-table th, .aw-table td {{
  text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0;
  border-bottom: 1px solid {GRID}; line-height: 1.45; font-weight: 400;
}}
.aw-table th {{ font-weight: 600; width: 11rem; }}
.aw-prose {{ max-width: 42rem; line-height: 1.6; }}
.aw-prose h1 {{ font-family: {SERIF}; font-size: 1.5rem; margin: 1rem 0 .4rem; padding: 0; }}
.aw-prose h2 {{ font-family: {SERIF}; font-size: 1.25rem; margin: 1.6rem 0 .4rem; padding: 0; }}
.aw-prose h3 {{ font-size: 1rem; margin: 1.3rem 0 .2rem; padding: 0; font-weight: 600; }}
.aw-prose p, .aw-prose ul {{ margin: 0 0 .6rem; }}
.aw-prose code {{ font-size: .9em; background: #f5f6f8; padding: .1rem .3rem; border-radius: 3px; }}
@media (max-width: 640px) {{
  [data-testid="stMainBlockContainer"] {{ padding: 3.75rem 1rem 3rem; }}
  .aw-table th {{ width: 8rem; overflow-wrap: anywhere; }}
}}
</style>
"""
