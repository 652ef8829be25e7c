"""Wording: every sentence that the pages show, in plain English, in one place to translate."""

from dashboard.trend import Period

TITLE = "Awaaz"
SUBJECT = "Public posts on #MeToo, Pakistan and India"
PAGE_TREND, PAGE_POSTS, PAGE_ABOUT = "Trend", "Posts", "About"

VIEW, VIEW_DAYS = "Only posts {parts}", "of {span}"
VIEW_COUNTRIES, VIEW_PLATFORMS, VIEW_FORMS = "from {names}", "on {names}", "in {names}"

INVENTED = (
    "<b>Every post here is invented.</b> This is the demo: nobody wrote these posts, and the"
    " figures say nothing about the world."
)

COUNTRY = {
    "PK": "Pakistan",
    "IN": "India",
    "other": "elsewhere",
    "unknown": "country unknown",
}
PLATFORM = {"x": "X", "reddit": "Reddit"}
FORM = {
    "en": "English",
    "hi": "Hindi, Devanagari",
    "ur": "Urdu, Urdu script",
    "roman": "Hindi or Urdu, Latin letters",
    "other": "another language",
}
EVENT_COUNTRY = {"PK": "Pakistan", "IN": "India", "other": "worldwide"}
PERIOD: dict[Period, str] = {"day": "Day", "week": "Week", "month": "Month"}
PERIOD_NOUN: dict[Period, str] = {"day": "day", "week": "week", "month": "month"}
STANCE = {"none": "without a stance"}
FRAME = {"none": "no frame"}

FILTERS = "Filters"
ANY = "All"
COUNTRY_LABEL, PLATFORM_LABEL, FORM_LABEL = "Posts from", "Platform", "Written in"
SINCE_LABEL, UNTIL_LABEL, PERIOD_LABEL = "From", "To", "By"
DATES_CROSSED = "“From” is after “To”: until one of them is changed, all days are shown."
OF_ALL_LABEL = "Shares of all labelled posts"
OF_ALL_HELP = "Otherwise shares are of the posts that take a stance; the others stand apart."
COUNTS_LABEL = "Numbers instead of shares"
FILTERS_HELP = "The address of this page keeps your filters: copy it to share this view."

BARS_TITLE = "Number of {base}"
TIP_PERIOD, TIP_STANCE, TIP_SHARE, TIP_COUNT = "Period", "Stance", "Share", "Posts"
TIP_EVENT, TIP_DATE = "Event", "Date"
EVENTS_TITLE = "Events"
EVENTS_NOTE = (
    "Numbers on the chart. That an event and a change fall together does not make one the cause of"
    " the other."
)
NO_EVENTS = "No listed event falls into these dates."
TABLE_LABEL = "Table"
TABLE_COLUMNS = {
    "start": "From",
    "end": "To",
    "full": "Whole period",
    "stance": "Stance",
    "n": "Posts",
    "of": "Of posts",
    "share": "Share",
    "base": "Shares are of",
}
DOWNLOAD = "Download as CSV"
NO_STANCE = (
    "Of {labelled} with a label in this view, none takes a stance, so there is no share to show."
    " Switch on “{switch}” in the sidebar to see them counted."
)
NO_MATCH = "No labelled post matches these filters. Clear one of them in the sidebar."

EMPTY_TITLE = "Nothing to show yet"
EMPTY = """
<p>The store <code>{store}</code> holds no labelled posts.</p>
<ul>
<li>To look around with invented posts: <code>awaaz demo</code></li>
<li>To bring in an archive: <code>awaaz import FILE</code>, then <code>awaaz label</code></li>
<li>To collect from X and Reddit: <code>awaaz doctor</code> says what is missing,
then <code>awaaz collect</code> and <code>awaaz label</code></li>
</ul>
"""
EMPTY_WAITING = (
    "<p><b>{waiting}</b> in the store wait for a label: run <code>awaaz label</code>.</p>"
)
BROKEN_TITLE = "The dashboard cannot read its store"
BROKEN_HINT = "`awaaz doctor` looks at the configuration and the store and says what to do."

POSTS_TITLE = "Example posts"
STANCE_LABEL, FRAME_LABEL = "Stance", "Frame"
MORE = "Show others"
POSTS_REAL = (
    "Real posts, drawn at random, with mentions, links, e-mail addresses and phone numbers taken"
    " out. A masked text can still be searched back to its author: do not copy these posts"
    " anywhere. The label is the model's and can be wrong."
)
POSTS_INVENTED = (
    "<b>These posts are invented.</b> They show what each label means; nobody wrote them. Real"
    " posts stay hidden unless the operator of this monitor switches them on."
)
NO_POSTS = "No example post matches. Clear a filter or choose another frame."

POSTS_ONE, POSTS_MANY = "{n:,} post", "{n:,} posts"
AND = " and "
UNDER_ONE, OVER_NINETY_NINE = "under 1\u00a0%", "over 99\u00a0%"
SPAN, SPAN_SHORT = "{start} to {end}", "{start.day}\u00a0{start:%B} to {end}"
SPAN_SHORTEST = "{start.day} to {end}"
BASE_TAKING, BASE_ALL = "posts that take a stance", "labelled posts"

LEAD: dict[Period, str] = {
    "day": "Of {of:,} {base} on {when}, {shares}.",
    "week": "Of {of:,} {base} in the week of {when}, {shares}.",
    "month": "Of {of:,} {base} in {when}, {shares}.",
}
LEAD_FIRST = "<b>{share}</b> were {stance}"
LEAD_SHARE = "<b>{share}</b> {stance}"
BEFORE_SHARE = "{share} {stance}"
TOO_FEW = "No full {noun} here has {few} or more {base}: too few to put a share into words."
BEFORE = "The {noun} before: {shares}, of {of:,}."
BEFORE_FEW = "The {noun} before had {of:,} {base}: too few for a share."
CAVEAT_ALONE = "All as counted, not corrected."
CAVEAT = (
    "This is the latest full {noun} with {few} or more {base}. All as counted, not corrected: a"
    " small change can be the model's mistakes or chance."
)

CHART_SHARES = ("Share of each stance per {noun}", "Of {base}, as counted, not corrected")
CHART_COUNTS = ("Posts by stance per {noun}", "Numbers of posts, as counted, not corrected")
SOURCE, SOURCE_INVENTED = "Awaaz, public posts on #MeToo", "Awaaz demo, invented posts"
SOURCE_COUNTED = "as counted, not corrected"
FAINT_NOTE = "Hollow points stand on fewer than {few} {base}."
OVERFULL = (
    "{n:,} {noun}s are more than one chart can show clearly: choose {coarser} or fewer dates."
)
OVERFULL_SHARES = "Lines join only {noun}s with {few} or more {base}; the others are hollow points."
COARSER: dict[Period, str] = {
    "day": "“Week” or “Month” under “By”,",
    "week": "“Month” under “By”,",
    "month": "a later “From”,",
}
IN_PART = "{period} (in part)"
OF_BASE = "{n:,} of {of:,} {base}"

COVERAGE = (
    "{labelled} with a label in this view: {taking:,} ({share}) take a stance and {none:,} take"
    " none."
)
COVERAGE_COUNTRIES = (
    "Posts from {names} only. {everywhere} match the other filters; country unknown for {unknown}"
    " of these."
)
COVERAGE_UNKNOWN = "Country unknown for {unknown} of {everywhere}."
WEIGHTED = (
    "Some days hold only a sample of what was found. There each post counts in the shares for those"
    " that were left out, so a share is not simply its number of posts divided by the whole."
)
LEFT_OTHER = "{n} in languages that the model does not read"
LEFT_WAITING = "{n} that wait for a label"
LEFT = "Not counted, in the whole store: {parts}."

ABOUT_TITLE = "What this is, and what it is not"
ABOUT = """
<p>Awaaz gathers public posts about #MeToo with Pakistan and India in view, lets a model say what
stance each post takes, and counts. It shows how the conversation moves. It is meant for people
who research it, report on it or work in it.</p>

<h2>What a figure here means</h2>
<p>Every figure counts posts. It does not count people, and it is no survey: a few people write
many posts, most people write none, and the search terms decide what is found. Figures are as
counted: the model's mistakes are still in them and can shift a share by more than the changes
that you see. Every share names the number of posts that it is a share of.</p>

<h2>How a post gets its label</h2>
<p>A machine does it. The model reads the text of one post, without its thread, picture or link,
and follows a written codebook (version {version}). It learnt from posts that were themselves
labelled by machines working by that codebook, not by people. Sarcasm, quotations and posts that
mix languages are where it errs most.</p>
"""
ABOUT_LABELS = "What the labels mean"
ABOUT_MORE = """
<h2>What is not seen</h2>
<ul>
<li>Whatever is not public: private accounts, closed groups, messages.</li>
<li>Posts that use none of the search terms, and posts that were deleted before they were
gathered.</li>
<li>Platforms other than those in the filters. Much of the conversation is on WhatsApp, Facebook,
Instagram, YouTube and TikTok, and none of that is here.</li>
<li>Where most posts come from: few say so. What cannot be told is counted as country unknown.</li>
<li>Languages that the model does not read, such as Tamil, Bengali or Pashto: kept, not
labelled.</li>
<li>Pictures, videos and voices.</li>
</ul>

<h2>What it must not be used for</h2>
<ul>
<li>To find, rank, report or judge persons. A label speaks of one post, and it can be wrong.</li>
<li>To decide whether an allegation is true.</li>
<li>To moderate, punish or prosecute.</li>
<li>To say what Pakistanis, Indians, women or men think.</li>
</ul>

<h2>What is kept</h2>
<p>The text of a post for a limited time, its day, language form and, where the post or the
platform tells, its country. No name, handle, profile, location or link of an author is stored.
A post can be forgotten at once: <code>awaaz forget ID</code>.</p>
"""
