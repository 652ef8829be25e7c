"""Urdu script to Latin letters, near to how people type Roman Urdu.

Urdu leaves short vowels unwritten, so the commonest words come from a lexicon (`romanise.py`)
and this rule only guesses for the rest: a consonant that opens a syllable and has no vowel
letter after it gets an `a`, which makes CVC syllables (mard, larki, markaz).
"""

from typing import NamedTuple

__all__ = ["romanise_urdu"]

_ROMAN = "b p t t s j ch h kh d d z r r z zh s sh s z t z gh f q k g l m n n t d d k g s z r"
_CONSONANTS = dict(zip("بپتٹثجچحخدڈذرڑزژسشصضطظغفقکگلمنڻٽڊڏڪګڅځړ", _ROMAN.split(), strict=True))
_SHORT = {"َ": "a", "ِ": "i", "ُ": "u", "ٰ": "a", "ً": "an"}
_LONG = frozenset("اآویےۓئؤ")
_GLIDES = frozenset("یوے")


class _Sound(NamedTuple):
    roman: str
    kind: str  # c: consonant, v: short vowel, l: long vowel, n: final nasal


def romanise_urdu(word: str) -> str:
    """Return one word of Urdu letters in Latin letters; other characters are dropped."""
    return _voice(_sounds(word))


def _sounds(word: str) -> list[_Sound]:
    sounds: list[_Sound] = []
    for position, letter in enumerate(word):
        before = word[position - 1] if position else ""
        after = word[position + 1 : position + 2]
        if letter in _CONSONANTS:
            sounds.append(_Sound(_CONSONANTS[letter], "c"))
        elif letter == "ھ" and sounds and sounds[-1].kind == "c":
            sounds[-1] = _Sound(sounds[-1].roman + "h", "c")
        elif letter in "ہھ":
            sounds.append(_breath(before, after))
        elif letter == "ں":
            sounds.append(_Sound("n", "n"))
        elif letter in _SHORT:
            _add_short(sounds, _SHORT[letter])
        else:
            sounds.extend(_vowel_letter(letter, before, after))
    return sounds


def _breath(before: str, after: str) -> _Sound:
    """A final h after a consonant is the vowel a (bacha), elsewhere h."""
    silent = not after and before and before not in _LONG and before != "ع"
    return _Sound("a", "l") if silent else _Sound("h", "c")


def _add_short(sounds: list[_Sound], roman: str) -> None:
    if sounds and sounds[-1].kind == "l" and sounds[-1].roman == "a":
        sounds.pop()
    sounds.append(_Sound(roman, "v"))


def _vowel_letter(letter: str, before: str, after: str) -> list[_Sound]:
    match letter:
        case "آ":
            return [_Sound("a" if before else "aa", "l")]
        case "ا":
            return [] if not before and after in _GLIDES else [_Sound("a", "l" if before else "v")]
        case "و" | "ؤ":
            glide = letter == "و" and (not before or after in _LONG)
            return [_Sound("w", "c") if glide else _Sound("o", "l")]
        case "ی":
            return _yeh(before, after)
        case "ے" | "ۓ":
            return [_Sound("ye" if before == "ئ" or letter == "ۓ" else "e", "l")]
        case _:
            return _seat(letter, before, after)


def _seat(letter: str, before: str, after: str) -> list[_Sound]:
    """Hamza on its seat and ain are heard only where no long vowel stands beside them."""
    if letter == "ئ" and after not in _LONG:
        return [_Sound("i", "v")]
    if letter == "ع" and after not in _LONG and before not in _LONG:
        return [_Sound("a", "v")]
    return []


def _yeh(before: str, after: str) -> list[_Sound]:
    if after in _LONG and (not before or before in _LONG):
        return [_Sound("y", "c")]
    if after in {"ا", "و"}:
        return [_Sound("i", "v"), _Sound("y", "c")]
    return [_Sound("ai" if before == "ا" else "i", "l")]


def _voice(sounds: list[_Sound]) -> str:
    """Join the sounds, putting an `a` where a syllable would have no vowel."""
    parts: list[str] = []
    opens = False  # the last consonant opens a syllable and still needs its vowel
    after_long = False  # the last consonant follows a long vowel, where final clusters are rare
    for index, sound in enumerate(sounds):
        follower = sounds[index + 1].kind if index + 1 < len(sounds) else ""
        previous = sounds[index - 1].kind if index else ""
        if sound.kind == "c":
            stranded = after_long and previous == "c" and follower not in {"v", "l"}
            if opens or stranded:
                parts.append("a")
            joins = previous == "c" and not opens and not stranded
            opens, after_long = not previous or joins, previous == "l"
        else:
            opens = after_long = False
        parts.append(sound.roman)
    if len(sounds) == 1 and opens:
        return parts[0]
    return "".join(parts)
