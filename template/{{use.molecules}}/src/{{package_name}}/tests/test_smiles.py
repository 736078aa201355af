"""SMILES as tokens: there and back, one token for one atom, and nothing that gets lost."""

import re

import pytest
from omegaconf import OmegaConf

from .. import b3db
from ..config import compose
from ..smiles import COMMON, TOKENS, VOCAB, decode, encode
from ..tokens import MASK, PAD, SPECIALS


def test_an_atom_is_one_token() -> None:
    written = [TOKENS[token] for token in encode("CC(Cl)=C[C@@H](Br)c1cc[nH]c1%10")]
    assert written == [
        *("C", "C", "(", "Cl", ")", "=", "C", "[C@@H]", "(", "Br", ")"),
        *("c", "1", "c", "c", "[nH]", "c", "1", "%10"),
    ]


@pytest.mark.parametrize("text", ["[13CH4]", "[Fe+2]", "C%25CC%25", "[C@H(C)[nH]", "][", "OC(=O"])
def test_what_is_not_in_the_vocabulary_is_spelled_out(text: str) -> None:
    assert decode(encode(text)) == text


def test_every_molecule_of_the_data_comes_back() -> None:
    for row in b3db.table():
        assert decode(encode(row["SMILES"])) == row["SMILES"]


def test_what_nobody_can_read_is_a_token_of_its_own() -> None:
    assert encode("C?\u00e9") == [TOKENS.index("C"), MASK, MASK]
    assert decode([TOKENS.index("C"), MASK, PAD]) == "C?"


def test_the_vocabulary_is_a_numbering() -> None:
    assert len(set(TOKENS)) == VOCAB
    assert TOKENS[SPECIALS : SPECIALS + len(COMMON)] == COMMON


def test_a_network_that_is_told_the_size_of_the_vocabulary_is_told_the_truth() -> None:
    told = re.findall(r"\bvocab: (\d+)", OmegaConf.to_yaml(compose().network))
    assert {int(size) for size in told} <= {VOCAB}
