"""Masking: what leads from a post's text to a person is replaced before anybody sees it.

Names in running text cannot be found reliably, and masked text can still be searched back to
its author. That is why real posts are shown only where the operator has switched it on.
Masking rather takes too much than too little; lengths are bounded so that it stays linear.
"""

import re

__all__ = ["LINK", "MAIL", "PHONE", "USER", "mask_text"]

LINK, MAIL, USER, PHONE = "[link]", "[mail]", "[user]", "[number]"

# Characters that show nothing and that can be put between the letters of a handle or a number.
HIDDEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
AT = "@\uff20\ufe6b"
DOT = "[.\u3002\uff0e\uff61\u2024]"
# `\w` leaves out the vowel signs of Hindi and Urdu, so a name is whatever is no punctuation.
NAME = rf"[^\s{AT}!\"#$%&'()*,/:;<=>?\[\]^`{{|}}~\u2026\u060c\u061b\u061f\u0964]"
LABEL = rf"[^\W_](?:[\w{HIDDEN}-]{{0,61}}[^\W_])?"
# Bare domains under these only: "end.Then" is a missing space far more often than a site.
TOP = (
    "com|org|net|edu|gov|info|biz|news|blog|link|page|site|online|live|shop|store|club|world|"
    "media|press|social|chat|space|website|today|xyz|app|dev|tech|me|in|pk|co|io|ly|be|gl|gd|gy|"
    "tv|fm|to|uk|us|ca|au|de|fr|nl|eu|ae|sa|bd|lk|np|cc|ws|su|ru|tk|ml|gle|lt|is"
)

MAILS = re.compile(
    rf"{NAME}{{1,64}}[{HIDDEN}\s]{{0,3}}[{AT}][{HIDDEN}\s]{{0,3}}"
    rf"(?:[\w{HIDDEN}-]{{1,63}}{DOT}){{1,8}}[^\W\d_]{{2,24}}"
)
LINKS = re.compile(
    # Not `\b`: a link can be glued to a word in another script.
    rf"(?<![a-z0-9])(?:[a-z][a-z0-9+.-]{{1,14}}[:\uff1a]//\S*|www\d?{DOT}\S+|mailto:\S+)"
    rf"|\b(?:{LABEL}{DOT}){{1,8}}(?:(?:{TOP}|xn--[a-z0-9-]{{1,59}})(?![a-z0-9])(?:[:/?#]\S*)?"
    rf"|[^\W\d_]{{2,24}}(?::\d+)?/\S+)",
    re.IGNORECASE,
)
USERS = re.compile(rf"[{AT}][{HIDDEN}\s]{{0,3}}{NAME}+|(?<![\w/])/?u/[\w-]+", re.IGNORECASE)
# Digits of any script, at least seven of them, with what people put between them.
PHONES = re.compile(rf"\+?[(\[]?\d(?:[{HIDDEN}\s()\[\].\u2010-\u2015\u2212/+_*-]{{0,6}}\d){{6,}}")
YEARS = re.compile(r"(?:1[89]|20)\d\d\s?[-/\u2010-\u2015]\s?(?:1[89]|20)\d\d")
DATES = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{4}|\d{4}([./-])\d{1,2}\2\d{1,2}")


def mask_text(text: str) -> str:
    """Return the text with mail addresses, links, mentions and phone numbers replaced."""
    masked = MAILS.sub(MAIL, text)
    masked = LINKS.sub(LINK, masked)
    masked = USERS.sub(USER, masked)
    return PHONES.sub(mask_number, masked)


def mask_number(match: re.Match[str]) -> str:
    """Replace a run of digits, unless it is plainly a span of years or a date."""
    run = match.group()
    return run if YEARS.fullmatch(run) or DATES.fullmatch(run) else PHONE
