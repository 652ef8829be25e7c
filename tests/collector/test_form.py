"""The form of a post; every sample text is invented."""

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.form import detect_form, detect_forms
from collector.letters import BUCKETS, count_scripts, hash_ngrams, read_letters, strip
from collector.post import FORMS

SAMPLES = {
    "en": [
        "I believe her, and I am tired of people asking why she waited.",
        "Why did nobody at the office speak up before? #MeToo",
        "Shame on you, let the court decide first",
        "BREAKING: committee to hear complaints from next week https://example.org/a1",
        "𝐌𝐞 𝐭𝐨𝐨 is a 𝐦𝐨𝐯𝐞𝐦𝐞𝐧𝐭, not a fashion",
        "#MeToo https://t.co/abcdef",
        "#MeToo",
    ],
    "roman": [
        "yeh larki jhoot bol rahi hai, sab paisay ke liye hai",
        "Sach bolne wali aurat ko badnaam karna band karo",
        "Mera jism meri marzi",
        "hum sab tumhare saath hain behen #MeToo",
        "boss ne office me galat tareeke se haath lagaya tha, ab bol rahi hu",
    ],
    "hi": [
        "मैं भी चुप नहीं रहूँगी",
        "मी टू",
        "इस लड़की की बात पर भरोसा करो #MeToo #TimesUp #BelieveHer #SpeakUp",
        "bas बहुत हुआ, अब और नहीं सहेंगे हम लोग",
        "#मी_टू",
    ],
    "ur": [
        "میں بھی خاموش نہیں رہوں گی",
        "می ٹو",
        "یہ سب جھوٹ ہے #MeToo #BelieveHer #AuratMarch #TimesUp",
        "عورت مارچ میں سب کو آنا چاہیے",
    ],
    "other": [
        "أنا أيضا تعرضت للتحرش في العمل ولم يصدقني أحد",
        "من هم قربانی بودم و این درست نیست",
        "मला हे मान्य नाही आणि ती खोटे बोलत आहे",
        "म पनि पीडित हुँ र न्याय गर्नुपर्छ भन्ने छ",
        "நானும் தான்",
        "আমিও চুপ থাকব না",
        "ਮੈਂ ਵੀ ਚੁੱਪ ਨਹੀਂ ਰਹਾਂਗੀ",
        "Я тоже молчать не буду",
        "Yo también fui víctima y nadie me creyó #MeToo",
        "Moi aussi, j'ai été harcelée au travail et personne ne m'a crue",
        "Aku juga pernah dilecehkan di kantor dan tidak ada yang percaya",
        "Ben de tacize uğradım, artık susmayacağım",
        "Mir ist das auch passiert, und niemand hat mir geglaubt",
    ],
}
CASES = [(text, form) for form, texts in SAMPLES.items() for text in texts]

noise = st.text(st.characters(codec=None), max_size=60)  # lone surrogates and NUL among them


@pytest.mark.parametrize(("text", "form"), CASES)
def test_samples(text: str, form: str) -> None:
    assert detect_form(text) == form


def test_links_and_handles_do_not_count() -> None:
    text = "@some_urdu_speaker @another.one میں بھی https://example.org/long/english/words/here"
    assert detect_form(text) == "ur"
    assert strip("see u/someone and r/somewhere &amp; [url]").split() == ["see", "and"]
    noisy = "ask @a, @b.c: or d.e+f@g.org at t.co/https://h www.i"
    assert strip(noisy).split() == ["ask", ",", ":", "or", "at"]
    assert strip("odd @a@b and @a+b@c").split() == ["odd", "@b", "and", "+b@c"]


@pytest.mark.parametrize("text", ["", "😂😂😂", "https://t.co/abcdef", "@someone", "12:30 !!!"])
def test_without_letters_the_declared_language_decides(text: str) -> None:
    assert detect_form(text) == "other"
    assert [detect_form(text, code) for code in ("en", "en-GB", "hi", "ur", "fr", "und")] == [
        "en", "en", "hi", "ur", "other", "other",
    ]  # fmt: skip


def test_the_declared_language_is_a_hint_only() -> None:
    roman = "yeh larki jhoot bol rahi hai, sab paisay ke liye hai"
    assert detect_form(roman, "in") == "roman"  # X takes Roman Urdu for Indonesian
    assert detect_form(roman, "en") == "roman"
    assert detect_form("I believe her, every word of it", "hi") == "en"
    assert detect_form("محمد", "fa") == "other"
    assert detect_form("محمد") == "ur"


@pytest.mark.parametrize("city", ["Lahore", "Quetta", "Kolkata", "Peshawar", "Bengaluru"])
def test_a_name_does_not_cost_a_short_post_its_label(city: str) -> None:
    assert detect_form(f"MeToo in {city}") in {"en", "roman"}
    assert detect_form(f"Never forget. V O T E, {city} #MeToo", "en") in {"en", "roman"}


def test_accents_typed_apart_read_the_same() -> None:
    composed = "también fui víctima y nadie me creyó, así fue todo el año"
    apart = unicodedata.normalize("NFD", composed)
    assert apart != composed
    assert detect_form(composed) == detect_form(apart) == "other"


def test_batches_agree_with_single_posts() -> None:
    texts = [text for text, _ in CASES] * 150  # more than one batch
    expected = [form for _, form in CASES] * 150
    assert detect_forms(texts) == expected
    assert detect_forms([]) == []


@given(st.lists(noise, max_size=6))
@settings(deadline=None)
def test_every_text_has_a_form_of_its_own(texts: list[str]) -> None:
    forms = detect_forms(texts)
    assert set(forms) <= set(FORMS)
    assert forms == [detect_form(text) for text in texts]


@given(st.lists(noise, max_size=6))
@settings(deadline=None)
def test_ngrams_belong_to_their_text(texts: list[str]) -> None:
    letters = read_letters(texts)
    owners, buckets = hash_ngrams(letters)
    assert np.all(buckets < BUCKETS)
    assert count_scripts(letters).sum() == len(letters.codes)
    for index, text in enumerate(texts):
        alone = hash_ngrams(read_letters([text]))[1]
        assert sorted(buckets[owners == index]) == sorted(alone)


def test_elongation_and_case_do_not_matter() -> None:
    def read(text: str) -> list[int]:
        return sorted(hash_ngrams(read_letters([text]))[1].tolist())

    assert read("nahiiiiii") == read("NAHIIII") != read("nahi")
    assert read("") == []


def test_the_artefact_is_small_and_holds_numbers_only() -> None:
    path = Path(__file__).parents[2] / "collector" / "data" / "roman_model.npz"
    assert path.stat().st_size < 1_000_000
    with np.load(path, allow_pickle=False) as model:
        assert {name: model[name].shape for name in model.files} == {
            "weights": (2, BUCKETS),
            "bias": (2,),
        }


def test_posts_that_the_platform_calls_english_are_read_so(shared: Path) -> None:
    lines = (shared / "data" / "metoo_2018_x.jsonl").read_text("utf-8").splitlines()
    posts = [json.loads(line) for line in lines]
    forms = detect_forms([post["text"] for post in posts if post["lang"] == "en"])
    # about 20 of the 8,214 are romanised Hindi in truth
    assert forms.count("en") / len(forms) > 0.995
