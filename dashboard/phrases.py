"""Phrases: figures put into the sentences of `dashboard.wording`."""

from datetime import date
from html import escape
from textwrap import wrap

from config.codebook import STANCES, load_codebook
from dashboard import wording
from dashboard.filters import Filters
from dashboard.trend import FEW, Coverage, Period, Reading, Summary

__all__ = [
    "name_frame",
    "name_platform",
    "name_stance",
    "say_bars",
    "say_base",
    "say_before",
    "say_chart",
    "say_count",
    "say_coverage",
    "say_day",
    "say_faint",
    "say_meanings",
    "say_nothing",
    "say_of",
    "say_overfull",
    "say_period",
    "say_share",
    "say_source",
    "say_summary",
    "say_unlabelled",
    "say_view",
]

SMALLEST, LARGEST = 0.005, 0.995
"""Shares that would round to 0 % and 100 %, and are neither, are said in words."""
SOURCE_WIDTH = 56
"""Characters of a line beneath a chart that a phone has room for."""


def name_platform(platform: str) -> str:
    """Return the name of a platform as people write it."""
    return wording.PLATFORM.get(platform, platform)


def name_stance(stance: str) -> str:
    """Return the name of a stance as words."""
    return wording.STANCE.get(stance, stance)


def name_frame(frame: str) -> str:
    """Return the name of a frame as words."""
    return wording.FRAME.get(frame, frame.replace("_", " "))


def say_count(n: int) -> str:
    """Return a number of posts."""
    return (wording.POSTS_ONE if n == 1 else wording.POSTS_MANY).format(n=n)


def say_share(share: float | None) -> str:
    """Return a share in whole percent; a dash where nothing was counted."""
    if share is None:
        return "–"
    if 0 < share < SMALLEST:
        return wording.UNDER_ONE
    return wording.OVER_NINETY_NINE if LARGEST <= share < 1 else f"{share * 100:.0f}\u00a0%"


def say_of(n: int, of: int, *, with_none: bool) -> str:
    """Return a numerator with its denominator."""
    return wording.OF_BASE.format(n=n, of=of, base=say_base(with_none=with_none))


def say_day(day: date) -> str:
    """Return a day as in 8 March 2018."""
    return f"{day.day}\u00a0{day:%B %Y}"


def say_span(start: date, end: date) -> str:
    """Return a span of days as shortly as it stays clear."""
    if start == end:
        return say_day(start)
    if start.year != end.year:
        return wording.SPAN.format(start=say_day(start), end=say_day(end))
    short = wording.SPAN_SHORT if start.month != end.month else wording.SPAN_SHORTEST
    return short.format(start=start, end=say_day(end))


def say_period(start: date, end: date, period: Period) -> str:
    """Return the name of a period."""
    return f"{start:%B %Y}" if period == "month" else say_span(start, end)


def say_meanings(*, with_none: bool) -> list[str]:
    """Return what each stance on the chart means, in the codebook's words."""
    codebook = load_codebook()
    shown = [s for s in codebook.stances if with_none or s != "none"]
    return [f"<b>{escape(name_stance(s))}</b>: {escape(codebook.meanings[s])}" for s in shown]


def say_base(*, with_none: bool) -> str:
    """Return what the shares are shares of."""
    return wording.BASE_ALL if with_none else wording.BASE_TAKING


def say_summary(summary: Summary, period: Period, *, with_none: bool) -> str:
    """Return the headline as HTML: the last full period, in figures, with its denominator."""
    latest, base = summary.latest, say_base(with_none=with_none)
    if latest is None:
        noun = wording.PERIOD_NOUN[period]
        return wording.TOO_FEW.format(noun=noun, few=FEW, base=base)
    return wording.LEAD[period].format(
        when=say_period(latest.start, latest.end, period),
        of=latest.of,
        base=base,
        shares=say_shares(latest, wording.LEAD_SHARE, wording.LEAD_FIRST),
    )


def say_before(summary: Summary, period: Period, *, with_none: bool) -> str:
    """Return the sentence on the period before, and what such figures are."""
    before = summary.before
    noun, base = wording.PERIOD_NOUN[period], say_base(with_none=with_none)
    caveat = wording.CAVEAT.format(noun=noun, few=FEW, base=base)
    if summary.latest is None:
        return wording.CAVEAT_ALONE
    if before is None:
        return caveat
    if before.of < FEW:
        return f"{wording.BEFORE_FEW.format(noun=noun, of=before.of, base=base)} {caveat}"
    shares = say_shares(before, wording.BEFORE_SHARE)
    return f"{wording.BEFORE.format(noun=noun, shares=shares, of=before.of)} {caveat}"


def say_shares(reading: Reading, template: str, first: str | None = None) -> str:
    """Return the shares of a period as a list, in the order of the stances."""
    named = [stance for stance in STANCES if stance in reading.shares]
    templates = [first or template, *[template] * (len(named) - 1)]
    return join_words(
        [
            text.format(share=say_share(reading.shares[stance]), stance=name_stance(stance))
            for text, stance in zip(templates, named, strict=True)
        ]
    )


def join_words(parts: list[str]) -> str:
    """Return the parts as a list in words."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}{wording.AND}{parts[-1]}"


def say_chart(period: Period, *, with_none: bool, as_counts: bool) -> tuple[str, str]:
    """Return the heading of the chart and the line beneath it."""
    title, note = wording.CHART_COUNTS if as_counts else wording.CHART_SHARES
    noun = wording.PERIOD_NOUN[period]
    return title.format(noun=noun), note.format(base=say_base(with_none=with_none))


def say_bars(*, with_none: bool) -> str:
    """Return the heading of the bars: what each share stands on."""
    return wording.BARS_TITLE.format(base=say_base(with_none=with_none))


def say_faint(*, with_none: bool) -> str:
    """Return what the hollow points mean."""
    return wording.FAINT_NOTE.format(few=FEW, base=say_base(with_none=with_none))


def say_overfull(periods: int, period: Period, *, with_none: bool, as_counts: bool) -> str:
    """Return that a chart holds too much, what to choose instead, and what its lines join."""
    noun = wording.PERIOD_NOUN[period]
    text = wording.OVERFULL.format(n=periods, noun=noun, coarser=wording.COARSER[period])
    if as_counts:
        return text
    base = say_base(with_none=with_none)
    return f"{text} {wording.OVERFULL_SHARES.format(noun=noun, few=FEW, base=base)}"


def say_coverage(coverage: Coverage, countries: tuple[str, ...]) -> list[str]:
    """Return the lines that name the denominators of a view."""
    share = coverage.taking / coverage.labelled if coverage.labelled else None
    unknown = coverage.unknown_country / coverage.everywhere if coverage.everywhere else None
    template = wording.COVERAGE_COUNTRIES if countries else wording.COVERAGE_UNKNOWN
    return [
        wording.COVERAGE.format(
            labelled=say_count(coverage.labelled),
            taking=coverage.taking,
            share=say_share(share),
            none=coverage.none,
        ),
        template.format(
            names=join_words([wording.COUNTRY[name] for name in countries]) if countries else "",
            everywhere=say_count(coverage.everywhere),
            unknown=say_share(unknown),
        ),
    ]


def say_nothing(labelled: int) -> str:
    """Return why nothing is drawn: no post at all, or none that takes a stance."""
    if not labelled:
        return wording.NO_MATCH
    return wording.NO_STANCE.format(labelled=say_count(labelled), switch=wording.OF_ALL_LABEL)


def say_source(filters: Filters, since: date, until: date, *, invented: bool) -> list[str]:
    """Return lines to stand in a chart, which people pass on without the page around it."""
    source = wording.SOURCE_INVENTED if invented else wording.SOURCE
    view = say_view(filters, since, until).replace("\u00a0", " ")
    return [f"{source}, {wording.SOURCE_COUNTED}", *wrap(view, SOURCE_WIDTH)]


def say_unlabelled(other_form: int, waiting: int) -> str:
    """Return what the store holds beside the counted posts; empty where that is nothing."""
    parts = []
    if other_form:
        parts.append(wording.LEFT_OTHER.format(n=say_count(other_form)))
    if waiting:
        parts.append(wording.LEFT_WAITING.format(n=say_count(waiting)))
    return wording.LEFT.format(parts=join_words(parts)) if parts else ""


def say_view(filters: Filters, since: date, until: date) -> str:
    """Return what the filters leave, for the sidebar may be folded away; empty if all."""
    chosen = (
        (wording.VIEW_COUNTRIES, [wording.COUNTRY[name] for name in filters.countries]),
        (wording.VIEW_PLATFORMS, [name_platform(name) for name in filters.platforms]),
        (wording.VIEW_FORMS, [wording.FORM[name] for name in filters.forms]),
    )
    parts = [template.format(names=join_words(names)) for template, names in chosen if names]
    if filters.since or filters.until:
        parts.append(wording.VIEW_DAYS.format(span=say_span(since, until)))
    return wording.VIEW.format(parts="; ".join(parts)) if parts else ""
