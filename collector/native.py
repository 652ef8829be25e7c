"""Languages that share a native script: by function words, and by letters of their own."""

import re
from collections.abc import Sequence

from collector.post import Form

__all__ = ["read_arabic", "read_devanagari"]

DEVANAGARI_WORD = re.compile(r"[\u0900-\u097f]+")
HINDI = frozenset(
    "है हैं था थी थे हूँ हूं हो की के को ने से में और नहीं भी यह ये वह वो जो तो कि पर लिए कर रहा रही रहे "
    "गया गई गए एक इस उस अब क्या कोई सब बहुत हम तुम आप मैं मेरा मेरी अपने करना करने होता होती "
    "हुआ हुई साथ वाले वाली जब तक सकता सकते लोग".split()
)
MARATHI_NEPALI = frozenset(
    # Marathi
    "आहे आहेत नाही आणि होते होता होती काय मला तुला तुम्ही आम्ही त्या त्याचा त्याची त्यांना हे ही "
    "झाले झाली झाला केली केले केला करून म्हणून पण असे असा असं नका नको मी माझा माझी माझ्या "
    "आता तर का कसे कुणी सर्व येथे "
    # Nepali
    "छ छन् हो छैन गर्न गर्ने गरेको भएको भयो पनि तपाईं हामी मलाई हुन्छ गरे थियो लागि यो त्यो "
    "नेपाल अनि केही धेरै छु हुन् गर्दै भन्ने".split()
) - HINDI - {"मी", "तर", "का", "ही", "हे", "होता", "होती", "यो"}  # fmt: skip
MARATHI_LETTERS = re.compile("[ळऱ]")

ARABIC_WORD = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]+")
URDU_LETTERS = re.compile(r"[ٹڈڑںےۓہۂھ]")
URDU = frozenset(
    "کے کی کا ہے ہیں میں سے نے کو اور نہیں یہ وہ بھی پر تو کہ جو کر رہا رہی رہے گیا گئی "
    "تھا تھی تھے ہو ہوں ایک اس ان ہم تم آپ مجھے اپنے کیا کوئی سب بہت جب تک لئے لیے "
    # the same typed on an Arabic keyboard
    "هے كے كي كا ميں نہيں هيں بهي نهى نهيں كو كر اب گئے".split()
)
FOREIGN_LETTERS = re.compile(
    "[ةأإ"  # Arabic
    "ٻڀٿٽڏڙڳڱڻڄڃڇڍڌڊ"  # Sindhi
    "ښړډټځڅږڼېۍ"  # Pashto
    "ەۆێڵڕۇۈۋۀ]"  # Kurdish, Uyghur, Persian
)
ARABIC_KEYBOARD = re.compile("[ىيك]")  # some type Urdu with these: weak evidence, once per post
FOREIGN = frozenset(
    # Arabic
    "في من على أن إلى عن ما لا هذا هذه التي الذي كان كل مع هو هي يا أنا لم بعد قال أو قد "
    # Persian
    "است را این که می از با برای آن هم خود شد شده بود کرد نیست های یک تا ما من شما باید اگر چه "
    # Sindhi, Pashto
    "جي جو ۾ آهي آهن کي ۽ د په او چې دی".split()
) - URDU - {"ما", "با", "تا", "من", "می", "هم", "یک", "او", "جو"}  # fmt: skip


def read_devanagari(text: str) -> Form:
    """Return `hi`, or `other` where Marathi or Nepali words and letters outweigh Hindi ones."""
    words = DEVANAGARI_WORD.findall(text)
    hindi = _count(words, HINDI)
    foreign = _count(words, MARATHI_NEPALI) + len(MARATHI_LETTERS.findall(text))
    return "other" if foreign > hindi else "hi"


def read_arabic(text: str, hint: Form | None = None) -> Form:
    """Return `ur`, or `other` where Arabic, Persian, Sindhi or Pashto outweighs Urdu.

    `hint` decides where neither shows; without one such a post counts as Urdu.
    """
    words = ARABIC_WORD.findall(text)
    urdu = 2 * _count(words, URDU) + len(URDU_LETTERS.findall(text))
    foreign = 2 * _count(words, FOREIGN) + len(FOREIGN_LETTERS.findall(text))
    foreign += ARABIC_KEYBOARD.search(text) is not None
    foreign += sum(word.startswith("ال") and word[4:] != "" for word in words)
    if urdu == foreign:
        return "other" if hint == "other" else "ur"
    return "ur" if urdu > foreign else "other"


def _count(words: Sequence[str], known: frozenset[str]) -> int:
    return sum(map(known.__contains__, words))
