"""Random encoders of each kind that people fine-tune, too small to learn much; no weights kept."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROBERTA = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
ROLES = {
    "bert": dict(zip(("pad", "unk", "cls", "sep", "mask"), BERT, strict=True)),
    "roberta": dict(zip(("cls", "pad", "sep", "unk", "mask"), ROBERTA, strict=True)),
}


def write_tokenizer(folder: Path, texts: Iterable[str], roles: Mapping[str, str]) -> int:
    """Write a word-piece tokenizer of the texts' words and letters; return its size."""
    words = {word for text in texts for word in text.lower().split()}
    letters = {letter for word in words for letter in word}
    pieces = [*roles.values(), *sorted(letters), *sorted(f"##{x}" for x in letters)]
    pieces += sorted(words - letters)
    numbers = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(WordPiece(numbers, unk_token=roles["unk"]))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    ends = [(roles[role], numbers[roles[role]]) for role in ("cls", "sep")]
    tokenizer.post_processor = TemplateProcessing(
        single=f"{roles['cls']} $A {roles['sep']}", special_tokens=ends
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {f"{role}_token": token for role, token in roles.items()}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64, **named}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return len(numbers)


def write_encoder(folder: Path, texts: Iterable[str], kind: str = "bert") -> Path:
    """Write a random bert, xlm-roberta, distilbert or mpnet with its tokenizer."""
    from transformers import AutoConfig, AutoModel

    folder.mkdir(parents=True)
    roles = ROLES["roberta" if kind in ("xlm-roberta", "mpnet") else "bert"]
    size = write_tokenizer(folder, texts, roles)
    sizes: dict[str, float] = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    sizes |= {"intermediate_size": 64, "max_position_embeddings": 80}
    if kind == "distilbert":
        sizes = {"dim": 32, "n_layers": 1, "n_heads": 2, "hidden_dim": 64}
    pad = list(roles).index("pad")
    sizes |= {"vocab_size": size, "pad_token_id": pad, "initializer_range": 0.3}
    config = AutoConfig.for_model(kind, **sizes)
    AutoModel.from_config(config).save_pretrained(folder)  # type: ignore[no-untyped-call]
    return folder
