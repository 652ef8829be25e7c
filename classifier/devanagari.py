"""Devanagari to Latin letters, near to how people type Hindi on a phone.

The inherent vowel is dropped where Hindi does not speak it: at the end of a word and, from the
right, between VC and CV (Ohala, Aspects of Hindi Phonology, 1983). Long vowels are doubled only
in closed words of one syllable (baat, theek, jhoot), since typists write `pakistan`, `ladki`.
"""

from dataclasses import dataclass

__all__ = ["romanise_hindi"]

_NUKTA, _VIRAMA, _VISARGA = "़", "्", "ः"
_NASALS = "ंँ"
_INHERENT = "@"
_ROMAN = "k kh g gh n ch ch j jh n t th d dh n t th d dh n p f b bh m y r l l v sh sh s h n r l"
_CONSONANTS = dict(
    zip("कखगघङचछजझञटठडढणतथदधनपफबभमयरलळवशषसह\u0929\u0931\u0934", _ROMAN.split(), strict=True)
)
_WITH_NUKTA = {"क": "q", "ख": "kh", "ग": "gh", "ज": "z", "ड": "d", "ढ": "dh", "फ": "f", "य": "y"}
_SIGNS = dict(
    zip(
        "ा ि ी ु ू ृ े ै ो ौ ॉ ॅ ॊ ॆ".split(),
        "A i I u U ri e ai o au o e o e".split(),
        strict=True,
    )
)
_INDEPENDENT = dict(
    zip(
        "अ आ इ ई उ ऊ ऋ ए ऐ ओ औ ऑ ऍ ऎ ऒ".split(),
        "a A i I u U ri e ai o au o e e o".split(),
        strict=True,
    )
)
_SHORT = {"A": "a", "I": "i", "U": "u"}
_LONG = {"A": "aa", "I": "ee", "U": "oo"}
_CLUSTERS = {("ch", "ch"): ["ch"], ("k", "sh"): ["ksh"], ("j", "n"): ["gy"]}
_LABIAL = frozenset(("p", "ph", "b", "bh", "m", "f"))


@dataclass
class _Syllable:
    onset: list[str]
    vowel: str = _INHERENT
    nasal: bool = False
    tail: str = ""


def romanise_hindi(word: str) -> str:
    """Return one word of Devanagari letters in Latin letters; other characters are dropped."""
    syllables = _parse(word)
    if not syllables:
        return ""
    _drop_schwas(syllables)
    return _spell(syllables)


def _parse(word: str) -> list[_Syllable]:
    syllables: list[_Syllable] = []
    joined = False
    for position, letter in enumerate(word):
        if letter in _CONSONANTS:
            nukta = word[position + 1 : position + 2] == _NUKTA
            roman = _WITH_NUKTA.get(letter, _CONSONANTS[letter]) if nukta else _CONSONANTS[letter]
            if joined and syllables:
                _join(syllables[-1], roman)
            else:
                syllables.append(_Syllable([roman]))
            joined = False
        elif letter in _INDEPENDENT:
            syllables.append(_Syllable([], _INDEPENDENT[letter]))
        elif syllables:
            joined = _modify(syllables[-1], letter) or (joined and letter == _NUKTA)
    return syllables


def _join(syllable: _Syllable, roman: str) -> None:
    syllable.vowel = _INHERENT
    pair = (syllable.onset[-1] if syllable.onset else "", roman)
    syllable.onset[-1:] = _CLUSTERS.get(pair, [*syllable.onset[-1:], roman])


def _modify(syllable: _Syllable, sign: str) -> bool:
    """Apply a sign to the syllable before it; True where the sign joins the next consonant."""
    if sign in _SIGNS:
        syllable.vowel = _SIGNS[sign]
    elif sign in _NASALS:
        syllable.nasal = True
    elif sign == _VISARGA:
        syllable.tail = "h"
    elif sign == _VIRAMA and syllable.onset:
        syllable.vowel = ""
        return True
    return False


def _drop_schwas(syllables: list[_Syllable]) -> None:
    last = syllables[-1]
    heavy = len(last.onset) > 1 and last.onset[-1] in {"y", "r", "v"}
    if len(syllables) > 1 and last.vowel == _INHERENT and not last.nasal and not heavy:
        last.vowel = ""
    for index in range(len(syllables) - 2, 0, -1):
        here, before, after = syllables[index], syllables[index - 1], syllables[index + 1]
        single = len(here.onset) == 1 and len(after.onset) == 1 and not here.nasal
        if here.vowel == _INHERENT and single and before.vowel and after.vowel:
            here.vowel = ""


def _spell(syllables: list[_Syllable]) -> str:
    spoken = [s.vowel for s in syllables if s.vowel]
    closed = len(spoken) == 1 and not syllables[-1].vowel
    long_forms = _LONG if closed else _SHORT
    parts: list[str] = []
    for index, here in enumerate(syllables):
        after = syllables[index + 1] if index + 1 < len(syllables) else None
        before = syllables[index - 1] if index else None
        parts.append(_onset(here, first=index == 0))
        parts.append(_vowel(here, before, after, long_forms))
        if here.nasal:
            labial = after is not None and after.onset[:1] and after.onset[0] in _LABIAL
            parts.append("m" if labial else "n")
        parts.append(here.tail)
    return "".join(parts)


def _onset(here: _Syllable, *, first: bool) -> str:
    onset = list(here.onset)
    if onset[-1:] == ["v"] and (len(onset) > 1 or (first and here.vowel in {"A", "@", "ai", "o"})):
        onset[-1] = "w"
    return "".join(onset)


def _vowel(
    here: _Syllable, before: _Syllable | None, after: _Syllable | None, long_forms: dict[str, str]
) -> str:
    if here.vowel == _INHERENT:
        raised = after is not None and after.onset == ["h"] and after.vowel in {"", _INHERENT}
        return "e" if raised and here.onset else "a"
    vowel = long_forms.get(here.vowel, here.vowel)
    glide = not here.onset and before is not None and before.vowel in {"A", "i", "I", _INHERENT}
    return "ye" if glide and vowel == "e" else vowel
