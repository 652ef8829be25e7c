"""Fitting a vocabulary to posts."""

import pytest

pytest.importorskip("torch", reason="training needs the extra `train`")

from classifier.vocabulary import SPECIAL, build_tokenizer, choose_pieces, find_names
from config.codebook import FRAMES

POSTS = ["yaar mein kya karun yaar"] * 6 + ["mein zeenat se mila 😂"] * 6 + ["qwyx once"]
OLD = {p: i for i, p in enumerate(["[UNK]", *"abcdefghijklmnopqrstuvwxyz", "the", "##a", "##n"])}


def test_words_written_as_names_and_handles_are_found() -> None:
    texts = ["and then Zeenat came", "so Zeenat left with it", "it was good", "@handle77 said so"]
    names = find_names(texts)
    assert {"zeenat", "handle77"} <= names
    assert not {"good", "then", "with"} & names


def test_new_pieces_are_common_and_no_names() -> None:
    pieces = choose_pieces(POSTS, OLD, frozenset({"zeenat"}))
    assert {"yaar", "mein", "😂"} <= set(pieces)
    assert not {"zeenat", "qwyx"} & set(pieces)
    assert tuple(pieces[: len(SPECIAL)]) == SPECIAL
    assert len(pieces) == len(set(pieces))


def test_masks_are_one_token_each() -> None:
    tokenizer = build_tokenizer([*SPECIAL, "hello", *(f for f in FRAMES if f not in SPECIAL)])
    tokens = tokenizer.encode("hello [user] [url]").tokens
    assert tokens == ["[CLS]", "hello", "[user]", "[url]", "[SEP]"]
