"""The tables of the TOML: each setting with its type, its range and what it means."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "ArcticShiftSettings",
    "ComplianceSettings",
    "DashboardSettings",
    "ModelSettings",
    "PatienceSettings",
    "PrivacySettings",
    "RedditSettings",
    "ScheduleSettings",
    "Section",
    "StoreSettings",
    "WatchSettings",
    "XSettings",
]

CountryName = Literal["PK", "IN", "other", "unknown"]
Terms = Annotated[list[str], Field(min_length=1)]


class Section(BaseModel):
    """A table of the TOML; unknown keys are errors and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class StoreSettings(Section):
    """Where posts are kept."""

    url: str = Field(min_length=1, description="the store's address, as in sqlite:///awaaz.db")
    busy_timeout_s: float = Field(gt=0, le=3600, description="seconds that a writer waits")


class ModelSettings(Section):
    """Which model labels, and with how much of the machine."""

    live: str = Field(min_length=1, description='"shipped", or the folder of a trained model')
    threads: int = Field(ge=0, le=256, description="threads for labelling; 0: all cores but one")


class PrivacySettings(Section):
    """What is shown and for how long text is kept."""

    retention_days: int = Field(ge=1, le=3650, description="days after which text is deleted")
    show_real_posts: bool = Field(description="show real posts, masked, on the dashboard")
    forget_key_file: str = Field(min_length=1, description="file of the key for forgotten posts")


class DashboardSettings(Section):
    """How the dashboard is served."""

    port: int = Field(ge=1, le=65535, description="port of the dashboard on 127.0.0.1")
    invented: bool = Field(description="true where the store holds invented posts only")


class ScheduleSettings(Section):
    """How often the jobs of `awaaz run` take their turn."""

    x_minutes: float = Field(gt=0, description="minutes between two turns of X")
    reddit_minutes: float = Field(gt=0, description="minutes between two turns of Reddit")
    label_minutes: float = Field(gt=0, description="minutes between two turns of labelling")
    expire_hours: float = Field(gt=0, description="hours between two deletions of old text")


class PatienceSettings(Section):
    """How long one request to a platform is worth waiting for."""

    attempts: int = Field(ge=1, le=20, description="times that one request is put")
    first_wait_s: float = Field(ge=0, le=60, description="seconds at most after the first fault")
    longest_wait_s: float = Field(ge=0, le=600, description="seconds at most after any fault")
    longest_limit_minutes: float = Field(ge=0, le=60, description="rate limit that is waited for")


class XSettings(Section):
    """What is asked of X, and at what price."""

    enabled: bool = Field(description="collect from X")
    archive: bool = Field(description="search the full archive instead of the last seven days")
    endpoint: str = Field(description="where X's API answers; empty means X itself")
    timeout_s: float = Field(gt=0, le=600, description="seconds after which a request is given up")
    page_size: int = Field(ge=10, le=500, description="posts per request")
    window_hours: float = Field(gt=0, description="hours per window")
    windows_per_turn: int = Field(ge=1, description="windows filled per turn at most")
    price_per_post: float = Field(ge=0, description="US dollars per post read")
    price_per_user: float = Field(ge=0, description="US dollars per author that comes along")
    price_per_count: float = Field(ge=0, description="US dollars per request of a count")
    budget_dollars: float = Field(ge=0, description="US dollars per month; 0: no limit")
    budget_posts: int = Field(ge=0, description="posts read per month; 0: no limit")
    slice_minutes: float = Field(gt=0, description="minutes drawn or left out as a whole")
    queries: dict[str, Terms] = Field(min_length=1, description="groups of hashtags and phrases")


class RedditSettings(Section):
    """What is asked of Reddit."""

    enabled: bool = Field(description="collect from Reddit")
    endpoint: str = Field(description="where Reddit's API answers; empty means Reddit itself")
    timeout_s: float = Field(gt=0, le=600, description="seconds after which a request is given up")
    budget_posts: int = Field(ge=0, description="things read per month; 0: no limit")
    terms: Terms = Field(description="what a post or comment must contain to be kept")
    subreddits: dict[str, CountryName] = Field(
        min_length=1, description="subreddits and the country that they are of"
    )


class ArcticShiftSettings(Section):
    """What is asked of the Arctic Shift archive of Reddit."""

    enabled: bool = Field(
        description="allow `awaaz backfill --source reddit-archive` to ask the archive"
    )
    endpoint: str = Field(description="where the archive answers; empty means Arctic Shift itself")
    timeout_s: float = Field(gt=0, le=600, description="seconds after which a request is given up")
    pace_s: float = Field(ge=0, le=60, description="seconds between two requests")
    window_days: float = Field(gt=0, le=366, description="days per window")
    keyword_search: bool = Field(description="search by reddit.terms instead of reading everything")


class WatchSettings(Section):
    """When the operator is told, and how."""

    health_file: str = Field(description="file with the state of `awaaz run`; empty: none")
    stuck_hours: float = Field(gt=0, description="hours after which a turn counts as stuck")
    failures: int = Field(ge=1, description="turns in a row that fail before it is told")
    coverage_share: float = Field(ge=0, le=1, description="least share of time covered; 0: any")
    coverage_days: float = Field(ge=1, le=365, description="days over which coverage is counted")
    silent_hours: float = Field(gt=0, description="hours without a new post before it is told")
    smtp_host: str = Field(description="mail server; empty: no mail")
    smtp_port: int = Field(ge=1, le=65535, description="port of the mail server")
    smtp_security: Literal["starttls", "tls", "none"] = Field(description="how mail is encrypted")
    smtp_user: str = Field(description="account at the mail server; empty: no login")
    mail_from: str = Field(description="sender of mails")
    mail_to: list[str] = Field(description="who is told by mail")
    timeout_s: float = Field(gt=0, le=600, description="seconds until a notification is given up")


class ComplianceSettings(Section):
    """How stored posts are re-checked on their platforms."""

    check_hours: float = Field(gt=0, description="hours between two turns of re-checking")
    max_unchecked_days: float = Field(gt=0, description="days after which a check is overdue")
    x_batch: bool = Field(description="ask X by free batch compliance jobs before paid lookups")
    x_posts_per_turn: int = Field(ge=0, description="posts looked up on X per turn at most")
    x_budget_dollars: float = Field(
        ge=0, description="US dollars per month for lookups on X; 0: no limit"
    )
    reddit_posts_per_turn: int = Field(ge=0, description="posts asked of Reddit per turn at most")
    scrub_minutes: float = Field(
        gt=0, le=60, description="minutes between two looks whether files are to be scrubbed"
    )
