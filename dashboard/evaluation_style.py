"""The bare page of an evaluation and its look."""

from dashboard.theme import (
    ACCENT,
    COLOURS,
    DEVANAGARI,
    FAINT,
    FONT,
    GRID,
    INK,
    MUTED,
    NASTALIQ,
    SERIF,
)

__all__ = ["PAGE", "STYLE"]

STYLE = f"""
:root {{ color-scheme: light; }}
body {{ margin: 0; background: #fff; color: {INK}; font: 16px/1.5 {FONT}; }}
main {{ max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }}
h1, h2 {{ font-family: {SERIF}; line-height: 1.25; text-wrap: balance; }}
h1 {{ font-size: 1.9rem; margin: 0 0 .8rem; overflow-wrap: anywhere; }}
h2 {{ font-size: 1.35rem; margin: 2.6rem 0 .5rem; }}
p {{ margin: .4rem 0; }}
.lead {{ font: 1.25rem/1.4 {SERIF}; }}
.note, caption, figcaption {{ color: {MUTED}; font-size: .9rem; }}
svg {{ max-width: 100%; height: auto; font-family: inherit; display: block; margin: .6rem 0; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; font-size: .92rem; margin: .5rem 0;
  font-variant-numeric: tabular-nums; }}
th, td {{ padding: .32rem .6rem; text-align: right; border-bottom: 1px solid {GRID};
  vertical-align: baseline; white-space: nowrap; }}
th {{ font-weight: 500; }} thead th {{ color: {MUTED}; font-size: .84rem; }}
th:first-child {{ text-align: left; }}
tr.kind th {{ padding-top: 1rem; font-weight: 600; }}
td small {{ color: {MUTED}; margin-left: .45em; font-size: .8em; }}
.confusion td {{ border: 2px solid #fff; text-align: center; }}
.confusion td small {{ color: inherit; opacity: .8; }}
.confusion th {{ text-align: center; border: 0; }} .confusion th:first-child {{ text-align: left; }}
.faint {{ color: {FAINT}; }}
i {{ display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .5em; }}
{"".join(f"i.{stance} {{ background: {colour}; }} " for stance, colour in COLOURS.items())}
ol {{ padding-left: 1.4rem; }} li {{ margin: 0 0 1rem; }}
.post {{ overflow-wrap: anywhere; border-inline-start: 3px solid {GRID};
  padding-inline-start: .8rem; }}
.post[lang=ur] {{ font-family: {NASTALIQ}; line-height: 2.1; }}
.post[lang=hi] {{ font-family: {DEVANAGARI}; }}
.read {{ color: {MUTED}; font-size: .9rem; }} .read b {{ color: {INK}; font-weight: 600; }}
.warn {{ border-left: 4px solid {COLOURS["skeptical"]}; background: #fff6e0;
  padding: .5rem .9rem; font-size: .92rem; }}
a {{ color: {ACCENT}; }}
@media print {{ h2 {{ break-after: avoid; }} svg, table, li {{ break-inside: avoid; }} }}
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evaluation of $model</title>
<style>$style</style>
</head>
<body><main>
<h1>How well $model reads stances</h1>
<p class="lead">$lead</p>
<p class="note">$facts</p>
$comparison
<h2>By stance</h2>
$classes
<p class="note">Beside each value, the interval that holds it in 95 % of samples.</p>
<h2>By part of the posts</h2>
$parts_plot
<p class="note">Macro-F1 with its interval. Hollow: fewer than ten posts of some stance, too few for
a figure to mean anything.</p>
$parts_table
<p class="note">F1 by stance; the small figure is how many posts of that stance there are.</p>
<h2>What is taken for what</h2>
$confusion
<p class="note">Percentages are of the annotated stance.</p>
<h2>Are its probabilities what they say?</h2>
$calibration
<h2>Stance and frame</h2>
$frames
<h2>The ten worst mistakes</h2>
<p class="warn">Posts that people wrote, for whoever checks the model. Handles, links, mail
addresses and phone numbers are masked; names in running text are not, and a text can be searched
for. Do not pass this page on.</p>
$mistakes
<h2>What the data is like</h2>
<ul>$notes</ul>
<p class="note">A label says what a post does, never what its author is.</p>
</main></body>
</html>
"""
